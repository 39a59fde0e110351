#include "tests/converter/readers/damage/pickle_writer.h"

#include <bit>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

namespace dinghy::converter::test {
namespace {

class PickleWriter {
 public:
  PickleWriter(const Pickle& pickle, PickleId changed, const PickleNode& instead)
      : pickle_(pickle), changed_(changed), instead_(instead) {}

  std::string write() {
    value(pickle_.root());
    return bytes_ + ".";
  }

 private:
  const PickleNode& at(PickleId id) const { return id == changed_ ? instead_ : pickle_[id]; }

  void value(PickleId id) {
    const PickleNode& node = at(id);
    if (const auto known = memo_.find(id); known != memo_.end()) {
      bytes_ += 'j';
      return number(known->second, 4);
    }
    switch (node.kind) {
      case PickleKind::none:
        bytes_ += 'N';
        break;
      case PickleKind::boolean:
        bytes_ += node.integer ? '\x88' : '\x89';
        break;
      case PickleKind::integer:
        bytes_ += "\x8a\x08";
        number(static_cast<std::uint64_t>(node.integer), 8);
        break;
      case PickleKind::long_integer:
        bytes_ += '\x8a';
        sized(node.text, 1);
        break;
      case PickleKind::real:
        bytes_ += 'G';
        for (int shift = 56; shift >= 0; shift -= 8) {
          bytes_ += static_cast<char>(std::bit_cast<std::uint64_t>(node.real) >> shift);
        }
        break;
      case PickleKind::text:
        bytes_ += 'X';
        sized(node.text, 4);
        break;
      case PickleKind::bytes:
        bytes_ += 'B';
        sized(node.text, 4);
        break;
      case PickleKind::global:
        bytes_ += "c" + std::string(node.module) + "\n" + std::string(node.text) + "\n";
        break;
      default:
        container(id, node);
    }
  }

  void container(PickleId id, const PickleNode& node) {
    switch (node.kind) {
      case PickleKind::tuple:
        items(node, "t");
        break;
      case PickleKind::persistent:
        value(node.items[0]);
        bytes_ += 'Q';
        break;
      case PickleKind::list:
      case PickleKind::set:
      case PickleKind::dict:
        bytes_ += node.kind == PickleKind::list ? "]" : node.kind == PickleKind::set ? "\x8f" : "}";
        memoize(id);
        fill(node);
        return;
      default:
        value(node.items[0]);
        value(node.items[1]);
        bytes_ += 'R';
        memoize(id);
        if (node.contents != PickleNode::kAbsent) fill(at(node.contents));
        if (node.state == PickleNode::kAbsent) return;
        value(node.state);
        bytes_ += 'b';
        return;
    }
    memoize(id);
  }

  void fill(const PickleNode& node) {
    if (node.items.empty()) return;
    items(node, node.kind == PickleKind::list ? "e" : node.kind == PickleKind::set ? "\x90" : "u");
  }

  void items(const PickleNode& node, const char* end) {
    bytes_ += '(';
    for (const PickleId item : node.items) value(item);
    bytes_ += end;
  }

  void memoize(PickleId id) {
    const std::size_t index = memo_.size();
    memo_.emplace(id, index);
    bytes_ += 'r';
    number(index, 4);
  }

  void sized(std::string_view text, int size) {
    number(text.size(), size);
    bytes_ += text;
  }

  void number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_ += static_cast<char>(value >> (8 * i));
  }

  const Pickle& pickle_;
  const PickleId changed_;
  const PickleNode& instead_;
  std::string bytes_ = "\x80\x04";
  std::map<PickleId, std::size_t> memo_;
};

PickleNode node_of(PickleKind kind, std::string_view text = "") {
  PickleNode node;
  node.kind = kind;
  node.text = text;
  return node;
}

PickleNode whole(std::int64_t value, PickleKind kind = PickleKind::integer) {
  PickleNode node = node_of(kind);
  node.integer = value;
  return node;
}

/// A value of each kind, and extremes.
std::vector<PickleNode> odd_values() {
  PickleNode real = node_of(PickleKind::real);
  real.real = 0.5;
  PickleNode global = node_of(PickleKind::global, "Odd");
  global.module = "odd";
  return {node_of(PickleKind::none),
          whole(0, PickleKind::boolean),
          whole(1, PickleKind::boolean),
          whole(-1),
          whole(0),
          whole(1000),
          whole(std::int64_t{1} << 62),
          whole(std::numeric_limits<std::int64_t>::min()),
          node_of(PickleKind::long_integer, "123456789"),
          real,
          node_of(PickleKind::text),
          node_of(PickleKind::text, "odd"),
          node_of(PickleKind::text, "123456789012345678901"),
          node_of(PickleKind::bytes, "odd"),
          global,
          node_of(PickleKind::tuple),
          node_of(PickleKind::list),
          node_of(PickleKind::dict)};
}

/// The value as one of a kind that holds the same: a call as what is called, a tuple as a list, a text as bytes, a
/// whole number as the real number of its bits.
std::vector<PickleNode> disguised(const Pickle& pickle, const PickleNode& node) {
  PickleNode changed = node;
  switch (node.kind) {
    case PickleKind::object:
      return {pickle[node.items[0]]};
    case PickleKind::tuple:
      changed.kind = PickleKind::list;
      return {changed};
    case PickleKind::text:
      changed.kind = PickleKind::bytes;
      return {changed};
    case PickleKind::integer:
      changed.kind = PickleKind::real;
      changed.real = std::bit_cast<double>(node.integer);
      return {changed};
    default:
      return {};
  }
}

/// The value with a part missing, or once more.
std::vector<PickleNode> lessened(const PickleNode& node) {
  std::vector<PickleNode> changed;
  const auto change = [&] { return &changed.emplace_back(node); };
  if (node.kind == PickleKind::object) {
    if (node.state != PickleNode::kAbsent) change()->state = PickleNode::kAbsent;
    if (node.contents != PickleNode::kAbsent) change()->contents = PickleNode::kAbsent;
  } else if (node.kind != PickleKind::persistent) {
    const std::size_t step = node.kind == PickleKind::dict ? 2 : 1;
    for (std::size_t i = 0; i + step <= node.items.size(); i += step) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      std::vector<PickleId>& items = change()->items;
      items.erase(items.begin() + at, items.begin() + at + static_cast<std::ptrdiff_t>(step));
    }
    if (step == 1 && !node.items.empty()) {
      PickleNode* const longer = change();
      longer->items.push_back(longer->items.back());
    }
  }
  return changed;
}

}  // namespace

std::string write_pickle(const Pickle& pickle, PickleId changed, const PickleNode& instead) {
  return PickleWriter(pickle, changed, instead).write();
}

void for_each_damage(const Pickle& pickle, const std::function<void(const std::string&)>& use) {
  const std::vector<PickleNode> odd = odd_values();
  const std::string sound = write_pickle(pickle, PickleNode::kAbsent, odd[0]);
  const auto try_one = [&](PickleId id, const PickleNode& instead) {
    const std::string damaged = write_pickle(pickle, id, instead);
    if (damaged != sound) use(damaged);  // some values stand nowhere
  };
  for (PickleId id = 0; id < pickle.nodes().size(); ++id) {
    for (const PickleNode& instead : odd) try_one(id, instead);
    for (const PickleNode& instead : disguised(pickle, pickle[id])) try_one(id, instead);
    for (const PickleNode& instead : lessened(pickle[id])) try_one(id, instead);
  }
}

}  // namespace dinghy::converter::test
