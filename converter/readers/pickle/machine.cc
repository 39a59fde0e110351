#include "converter/readers/pickle/machine.h"

#include "converter/readers/pickle/opcodes.h"
#include "converter/text/number_text.h"
#include "converter/text/utf8.h"

namespace dinghy::converter {
namespace {

using namespace opcode;

constexpr std::size_t kMaxNodes = 8'000'000;  // 640 MB; a RecBole file with its data set has 60 thousand

PickleNode node_of(PickleKind kind) {
  PickleNode node;
  node.kind = kind;
  return node;
}

bool is_builtin(const PickleNode& global, std::string_view name) {
  return (global.module == "builtins" || global.module == "__builtin__") && global.text == name;
}

bool is_dict_class(const PickleNode& global) {
  return (global.module == "collections" && global.text == "OrderedDict") || is_builtin(global, "dict");
}

bool is_sequence(const PickleNode& node) { return node.kind == PickleKind::list || node.kind == PickleKind::tuple; }

}  // namespace

PickleMachine::PickleMachine(Pickle& pickle, std::size_t begin, const std::string& where)
    : pickle_(pickle), in_(pickle.bytes_, begin, where) {
  none_ = add(node_of(PickleKind::none));
  false_ = add(node_of(PickleKind::boolean));
  PickleNode yes = node_of(PickleKind::boolean);
  yes.integer = 1;
  true_ = add(std::move(yes));
}

void PickleMachine::run() {
  if (in_.unsigned_number(1) != PROTO) in_.fail("this is no binary pickle");
  const std::uint64_t protocol = in_.unsigned_number(1);
  if (protocol < 2 || protocol > 5) in_.fail("pickle protocol " + std::to_string(protocol) + " is not 2, 3, 4 or 5");
  for (;; ++steps_) {
    const auto opcode = static_cast<std::uint8_t>(in_.unsigned_number(1));
    if (opcode == STOP) break;
    const bool done = push_number(opcode) || push_text(opcode) || build_container(opcode) || build_object(opcode) ||
                      use_memo(opcode) || arrange_stack(opcode);
    if (!done) refuse(opcode);
  }
  pickle_.root_ = pop();
  if (!stack_.empty() || !marks_.empty()) in_.fail("the pickle stops with values left over: the file is damaged");
  pickle_.end_ = in_.offset();
}

bool PickleMachine::push_number(std::uint8_t opcode) {
  switch (opcode) {
    case NONE:
      push(none_);
      return true;
    case NEWTRUE:
      push(true_);
      return true;
    case NEWFALSE:
      push(false_);
      return true;
    case BININT:
      push_integer(in_.int32());
      return true;
    case BININT1:
      push_integer(static_cast<std::int64_t>(in_.unsigned_number(1)));
      return true;
    case BININT2:
      push_integer(static_cast<std::int64_t>(in_.unsigned_number(2)));
      return true;
    case LONG1:
      push_long(in_.take(in_.unsigned_number(1)));
      return true;
    case LONG4:
      push_long(in_.take(in_.unsigned_number(4)));
      return true;
    case BINFLOAT: {
      PickleNode node = node_of(PickleKind::real);
      node.real = in_.big_endian_double();
      push_node(std::move(node));
      return true;
    }
    default:
      return false;
  }
}

bool PickleMachine::push_text(std::uint8_t opcode) {
  switch (opcode) {
    case SHORT_BINUNICODE:
      push_string(in_.take(in_.unsigned_number(1)), false);
      return true;
    case BINUNICODE:
      push_string(in_.take(in_.unsigned_number(4)), false);
      return true;
    case BINUNICODE8:
      push_string(in_.take(in_.unsigned_number(8)), false);
      return true;
    case SHORT_BINSTRING:
      push_string(in_.take(in_.unsigned_number(1)), true);
      return true;
    case BINSTRING:
      push_string(in_.take(in_.unsigned_number(4)), true);
      return true;
    case SHORT_BINBYTES:
      push_bytes(in_.take(in_.unsigned_number(1)));
      return true;
    case BINBYTES:
      push_bytes(in_.take(in_.unsigned_number(4)));
      return true;
    case BINBYTES8:
    case BYTEARRAY8:
      push_bytes(in_.take(in_.unsigned_number(8)));
      return true;
    default:
      return false;
  }
}

bool PickleMachine::build_container(std::uint8_t opcode) {
  switch (opcode) {
    case EMPTY_TUPLE:
      push_items(PickleKind::tuple, {});
      return true;
    case TUPLE1:
      push_items(PickleKind::tuple, pop_items(1));
      return true;
    case TUPLE2:
      push_items(PickleKind::tuple, pop_items(2));
      return true;
    case TUPLE3:
      push_items(PickleKind::tuple, pop_items(3));
      return true;
    case TUPLE:
      push_items(PickleKind::tuple, pop_to_mark());
      return true;
    case FROZENSET:
      push_items(PickleKind::set, pop_to_mark());
      return true;
    case EMPTY_LIST:
      push_items(PickleKind::list, {});
      return true;
    case EMPTY_DICT:
      push_items(PickleKind::dict, {});
      return true;
    case EMPTY_SET:
      push_items(PickleKind::set, {});
      return true;
    case APPEND:
      extend(PickleKind::list, pop_items(1));
      return true;
    case APPENDS:
      extend(PickleKind::list, pop_to_mark());
      return true;
    case ADDITEMS:
      extend(PickleKind::set, pop_to_mark());
      return true;
    case SETITEM:
      extend(PickleKind::dict, pop_items(2));
      return true;
    case SETITEMS:
      extend(PickleKind::dict, pop_to_mark());
      return true;
    default:
      return false;
  }
}

bool PickleMachine::build_object(std::uint8_t opcode) {
  switch (opcode) {
    case GLOBAL: {
      const std::string_view module = in_.line();
      push_global(module, in_.line());
      return true;
    }
    case STACK_GLOBAL: {
      const std::vector<PickleId> names = pop_items(2);
      const PickleNode& module = pickle_.nodes_[names[0]];
      const PickleNode& name = pickle_.nodes_[names[1]];
      if (module.kind != PickleKind::text || name.kind != PickleKind::text) in_.fail("a class without a name");
      push_global(module.text, name.text);
      return true;
    }
    case NEWOBJ:
    case REDUCE: {
      const std::vector<PickleId> parts = pop_items(2);
      call(parts[0], parts[1]);
      return true;
    }
    case NEWOBJ_EX: {  // class, positional arguments, arguments by name
      std::vector<PickleId> parts = pop_items(3);
      push_items(PickleKind::object, std::move(parts));
      return true;
    }
    case BUILD:
      set_state(pop());
      return true;
    case BINPERSID:
      push_items(PickleKind::persistent, pop_items(1));
      return true;
    default:
      return false;
  }
}

bool PickleMachine::use_memo(std::uint8_t opcode) {
  switch (opcode) {
    case BINPUT:
      memoize(in_.unsigned_number(1));
      return true;
    case LONG_BINPUT:
      memoize(in_.unsigned_number(4));
      return true;
    case MEMOIZE:
      memoize(memo_.size());
      return true;
    case BINGET:
      recall(in_.unsigned_number(1));
      return true;
    case LONG_BINGET:
      recall(in_.unsigned_number(4));
      return true;
    default:
      return false;
  }
}

bool PickleMachine::arrange_stack(std::uint8_t opcode) {
  switch (opcode) {
    case MARK:
      marks_.push_back(stack_.size());
      return true;
    case POP:
      pop();
      return true;
    case POP_MARK:
      pop_to_mark();
      return true;
    case DUP:
      push(pop_items(1)[0]);
      push(stack_.back());
      return true;
    case FRAME:
      in_.unsigned_number(8);
      return true;  // a hint for reading ahead
    default:
      return false;
  }
}

void PickleMachine::refuse(std::uint8_t opcode) {
  in_.fail("the pickle uses the instruction 0x" + hex_byte(opcode) +
           ", which no checkpoint needs: the file is damaged or not from torch.save");
}

PickleId PickleMachine::add(PickleNode node) {
  if (pickle_.nodes_.size() >= kMaxNodes) {
    in_.fail("the pickle holds more than 8 million values; save model.state_dict() alone");
  }
  pickle_.nodes_.push_back(std::move(node));
  return static_cast<PickleId>(pickle_.nodes_.size() - 1);
}

void PickleMachine::push_integer(std::int64_t value) {
  PickleNode node = node_of(PickleKind::integer);
  node.integer = value;
  push_node(std::move(node));
}

void PickleMachine::push_long(std::string_view bytes) {
  if (bytes.size() > 8) {
    PickleNode node = node_of(PickleKind::long_integer);
    node.text = bytes;
    return push_node(std::move(node));
  }
  std::uint64_t value = !bytes.empty() && (bytes.back() & 0x80) ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  push_integer(static_cast<std::int64_t>(value));
}

void PickleMachine::push_items(PickleKind kind, std::vector<PickleId> items) {
  PickleNode node = node_of(kind);
  node.items = std::move(items);
  push_node(std::move(node));
}

void PickleMachine::push_string(std::string_view bytes, bool may_be_bytes) {
  // Python 2 wrote both names and raw bytes as its `str`.
  const bool text = is_utf8(bytes);
  if (!text && !may_be_bytes) in_.fail("a string that is not UTF-8: the file is damaged");
  PickleNode node = node_of(text ? PickleKind::text : PickleKind::bytes);
  node.text = bytes;
  push_node(std::move(node));
}

void PickleMachine::push_bytes(std::string_view bytes) {
  PickleNode node = node_of(PickleKind::bytes);
  node.text = bytes;
  push_node(std::move(node));
}

void PickleMachine::push_global(std::string_view module, std::string_view name) {
  if (!is_utf8(module) || !is_utf8(name)) in_.fail("a class whose name is not UTF-8: the file is damaged");
  PickleNode node = node_of(PickleKind::global);
  node.module = module;
  node.text = name;
  push_node(std::move(node));
}

PickleId PickleMachine::pop() { return pop_items(1)[0]; }

std::vector<PickleId> PickleMachine::pop_items(std::size_t count) {
  const std::size_t floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() - floor < count) in_.fail("the pickle takes a value that is not there: the file is damaged");
  std::vector<PickleId> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return items;
}

std::vector<PickleId> PickleMachine::pop_to_mark() {
  if (marks_.empty()) in_.fail("the pickle closes a group that it never opened: the file is damaged");
  std::vector<PickleId> items = pop_items(stack_.size() - marks_.back());
  marks_.pop_back();
  return items;
}

PickleNode& PickleMachine::top() {
  const std::size_t floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= floor) in_.fail("the pickle changes a value that is not there: the file is damaged");
  return pickle_.nodes_[stack_.back()];
}

void PickleMachine::call(PickleId callable, PickleId arguments) {
  const PickleNode& function = pickle_.nodes_[callable];
  const PickleNode& tuple = pickle_.nodes_[arguments];
  const bool whole = function.kind == PickleKind::global && tuple.kind == PickleKind::tuple;
  if (!whole || !push_plain(function, tuple.items)) push_items(PickleKind::object, {callable, arguments});
}

// A value that later protocols have an instruction for, and that earlier ones and Python 2 call its class for, is that
// value. Whatever else would be called stays a description of the call.
bool PickleMachine::push_plain(const PickleNode& function, const std::vector<PickleId>& arguments) {
  const PickleNode* only = arguments.size() == 1 ? &pickle_.nodes_[arguments[0]] : nullptr;
  if (is_dict_class(function)) {
    if (!arguments.empty()) return only && is_sequence(*only) && push_pairs(*only);
    push_items(PickleKind::dict, {});
    return true;
  }
  if (is_builtin(function, "set") || is_builtin(function, "frozenset")) {
    if (!arguments.empty() && !(only && is_sequence(*only))) return false;
    push_items(PickleKind::set, only ? copied(*only) : std::vector<PickleId>{});
    return true;
  }
  const bool array = is_builtin(function, "bytearray");
  if (arguments.empty() && (array || is_builtin(function, "bytes"))) {
    push_bytes({});
    return true;
  }
  if (array && only && only->kind == PickleKind::bytes) {
    push(arguments[0]);
    return true;
  }
  return (array || (function.module == "_codecs" && function.text == "encode")) && push_encoded(arguments);
}

// OrderedDict([[key, value], …]), as Python 2 writes one.
bool PickleMachine::push_pairs(const PickleNode& sequence) {
  std::vector<PickleId> items;
  for (const PickleId id : copied(sequence)) {
    const PickleNode& pair = pickle_.nodes_[id];
    if (!is_sequence(pair) || pair.items.size() != 2) return false;
    items.insert(items.end(), pair.items.begin(), pair.items.end());
  }
  push_items(PickleKind::dict, std::move(items));
  return true;
}

// Python 3 writes bytes into protocol 2 as a text with a character for each byte, to be encoded as Latin-1; characters
// from 0x80 on take two bytes of the file.
bool PickleMachine::push_encoded(const std::vector<PickleId>& arguments) {
  if (arguments.size() != 2) return false;
  const PickleNode& text = pickle_.nodes_[arguments[0]];
  const PickleNode& encoding = pickle_.nodes_[arguments[1]];
  if (text.kind != PickleKind::text || (encoding.text != "latin1" && encoding.text != "latin-1")) return false;
  if (const auto known = encoded_.find(arguments[0]); known != encoded_.end()) {
    push(known->second);
    return true;
  }
  std::string& bytes = pickle_.kept_->encoded.emplace_back();
  bytes.reserve(text.text.size());
  for (std::size_t i = 0; i < text.text.size(); ++i) {  // is_utf8
    const auto c = static_cast<unsigned char>(text.text[i]);
    if (c > 0xc3) in_.fail("a text that stands for bytes has a character that is none: the file is damaged");
    bytes += static_cast<char>(c < 0x80 ? c : ((c & 3) << 6) | (static_cast<unsigned char>(text.text[++i]) & 0x3f));
  }
  push_bytes(bytes);
  encoded_[arguments[0]] = stack_.back();
  return true;
}

// The values of a sequence that only this call knows; a pickle that uses one over and over is none of Python's.
const std::vector<PickleId>& PickleMachine::copied(const PickleNode& sequence) {
  copied_ += sequence.items.size();
  if (copied_ > in_.offset()) in_.fail("the pickle copies its lists over and over: the file is damaged or hostile");
  return sequence.items;
}

void PickleMachine::extend(PickleKind kind, std::vector<PickleId> items) {
  if (kind == PickleKind::dict && items.size() % 2 != 0) in_.fail("a key without a value: the file is damaged");
  PickleId target = (top(), stack_.back());
  if (pickle_.nodes_[target].kind == PickleKind::object) {
    if (pickle_.nodes_[target].contents == PickleNode::kAbsent) {
      const PickleId contents = add(node_of(kind));
      pickle_.nodes_[target].contents = contents;
    }
    target = pickle_.nodes_[target].contents;
  }
  PickleNode& node = pickle_.nodes_[target];
  if (node.kind != kind) in_.fail("the pickle fills a value of another kind: the file is damaged");
  node.items.insert(node.items.end(), items.begin(), items.end());
}

void PickleMachine::set_state(PickleId state) {
  PickleNode& node = top();
  // torch gives the OrderedDict of a state_dict a `_metadata`; like any attribute of a plain container it is no data.
  if (node.kind == PickleKind::object) node.state = state;
}

void PickleMachine::memoize(std::uint64_t index) {
  top();
  // Pickles number their values one by one; a number beyond the steps so far could only ask for memory.
  if (index > steps_) in_.fail("the pickle numbers a value out of order: the file is damaged");
  if (index >= memo_.size()) memo_.resize(index + 1, PickleNode::kAbsent);
  memo_[index] = stack_.back();
}

void PickleMachine::recall(std::uint64_t index) {
  if (index >= memo_.size() || memo_[index] == PickleNode::kAbsent) {
    in_.fail("the pickle recalls a value that it never numbered: the file is damaged");
  }
  push(memo_[index]);
}

}  // namespace dinghy::converter
