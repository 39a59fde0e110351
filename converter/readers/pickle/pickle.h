// A Python pickle, read as plain data. Nothing in it is ever called or imported: a class or function is a node with its
// name, and what Python would call is a node of what would be called with what.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dinghy::converter {

enum class PickleKind : std::uint8_t {
  none,
  boolean,  // integer 0 or 1
  integer,
  long_integer,  // text: more than 64 bits, two's complement, little-endian
  real,
  text,        // UTF-8
  bytes,       // in text
  tuple,       // items
  list,        // items
  set,         // items
  dict,        // items: key, value, key, value …
  global,      // a class or function: module, text
  object,      // items: callable (or class) and arguments; state and contents, see below
  persistent,  // items: the identifier, for torch a tuple that names a storage
};

using PickleId = std::uint32_t;

/// One value. Children are ids, so shared values are shared, cycles are possible, and freeing needs no recursion.
struct PickleNode {
  static constexpr PickleId kAbsent = 0xffffffff;

  PickleKind kind = PickleKind::none;
  PickleId state = kAbsent;     // object: what __setstate__ would get, as a rule the dict of its attributes
  PickleId contents = kAbsent;  // object: a list or dict of what would be appended to it or set in it
  union {
    std::int64_t integer = 0;
    double real;
  };
  std::string_view module;  // views of what Pickle::owner() keeps
  std::string_view text;
  std::vector<PickleId> items;
};

class Pickle {
 public:
  /// Reads one pickle of protocol 2 to 5 from the start of `bytes`; `bytes` may go on behind it. Throws Error at
  /// `where` with the offset for a damaged pickle, and for instructions that a checkpoint has no need of. Time and
  /// memory are bounded by the length. A pickle that names what could start a program in Python is refused (hostile.h);
  /// `harmless` is the one built-in that the format's own files name, and whose arguments their reader checks.
  static Pickle parse(std::shared_ptr<const std::vector<std::byte>> bytes, std::size_t begin, const std::string& where,
                      std::string_view harmless = {});

  /// The same for bytes that `owner` keeps.
  static Pickle parse(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, std::size_t begin,
                      const std::string& where, std::string_view harmless = {});

  PickleId root() const { return root_; }
  const PickleNode& operator[](PickleId id) const { return nodes_[id]; }
  const std::deque<PickleNode>& nodes() const { return nodes_; }
  /// What keeps the bytes that texts are views of.
  std::shared_ptr<const void> owner() const { return kept_; }
  /// Offset of the first byte behind the pickle.
  std::size_t end() const { return end_; }

  /// The value of a text key, or nullptr. A dict only; an object's attributes are found in the dict of its state.
  /// Throws Error when the pickle's dicts are so large, and asked so often, that it would take minutes.
  const PickleNode* find(const PickleNode& dict, std::string_view key) const;
  /// "collections.OrderedDict" when the node is a class or function, or an object made by one; else empty.
  std::string name_of(const PickleNode& node) const;

 private:
  friend class PickleMachine;

  struct Kept {
    std::shared_ptr<const void> file;
    std::deque<std::string> encoded;  // bytes that the file has as texts
  };

  std::span<const std::byte> bytes_;
  std::shared_ptr<Kept> kept_;
  std::string where_;
  mutable std::uint64_t compared_ = 0;  // keys, by find()
  std::deque<PickleNode> nodes_;        // grows without copying
  PickleId root_ = PickleNode::kAbsent;
  std::size_t end_ = 0;
};

}  // namespace dinghy::converter
