// The machine that a pickle is a program for: a stack, marks and a memo. This one builds PickleNodes and calls nothing.
#pragma once

#include <map>

#include "converter/readers/pickle/byte_cursor.h"
#include "converter/readers/pickle/pickle.h"

namespace dinghy::converter {

class PickleMachine {
 public:
  PickleMachine(Pickle& pickle, std::size_t begin, const std::string& where);
  /// Runs to STOP and sets the pickle's root and end.
  void run();

 private:
  // Each handles a family of opcodes and returns false for the others'.
  bool push_number(std::uint8_t opcode);
  bool push_text(std::uint8_t opcode);
  bool build_container(std::uint8_t opcode);
  bool build_object(std::uint8_t opcode);
  bool use_memo(std::uint8_t opcode);
  bool arrange_stack(std::uint8_t opcode);
  [[noreturn]] void refuse(std::uint8_t opcode);

  PickleId add(PickleNode node);
  void push(PickleId id) { stack_.push_back(id); }
  void push_node(PickleNode node) { push(add(std::move(node))); }
  void push_integer(std::int64_t value);
  void push_long(std::string_view bytes);
  void push_items(PickleKind kind, std::vector<PickleId> items);
  void push_string(std::string_view bytes, bool may_be_bytes);
  void push_bytes(std::string_view bytes);
  void push_global(std::string_view module, std::string_view name);

  PickleId pop();
  std::vector<PickleId> pop_items(std::size_t count);
  std::vector<PickleId> pop_to_mark();
  PickleNode& top();

  void call(PickleId callable, PickleId arguments);
  bool push_plain(const PickleNode& function, const std::vector<PickleId>& arguments);
  bool push_pairs(const PickleNode& sequence);
  bool push_encoded(const std::vector<PickleId>& arguments);
  const std::vector<PickleId>& copied(const PickleNode& sequence);
  void extend(PickleKind kind, std::vector<PickleId> items);
  void set_state(PickleId state);
  void memoize(std::uint64_t index);
  void recall(std::uint64_t index);

  Pickle& pickle_;
  ByteCursor in_;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;
  std::vector<PickleId> memo_;
  std::uint64_t steps_ = 0;
  std::uint64_t copied_ = 0;              // values, out of sequences
  std::map<PickleId, PickleId> encoded_;  // texts that stand for bytes
  PickleId none_, false_, true_;
};

}  // namespace dinghy::converter
