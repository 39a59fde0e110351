#include "converter/readers/pickle/pickle.h"

#include "converter/error.h"
#include "converter/readers/pickle/hostile.h"
#include "converter/readers/pickle/machine.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kMaxCompared = 20'000'000;  // a thousand lookups in each of a thousand dicts of twenty

}  // namespace

Pickle Pickle::parse(std::shared_ptr<const std::vector<std::byte>> bytes, std::size_t begin, const std::string& where,
                     std::string_view harmless) {
  return parse(*bytes, bytes, begin, where, harmless);
}

Pickle Pickle::parse(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, std::size_t begin,
                     const std::string& where, std::string_view harmless) {
  Pickle pickle;
  pickle.bytes_ = bytes;
  pickle.kept_ = std::make_shared<Kept>();
  pickle.kept_->file = std::move(owner);
  pickle.where_ = where;
  PickleMachine machine(pickle, begin, where);
  machine.run();
  refuse_hostile(pickle, where, harmless);
  return pickle;
}

const PickleNode* Pickle::find(const PickleNode& dict, std::string_view key) const {
  if (dict.kind != PickleKind::dict) return nullptr;
  compared_ += dict.items.size() / 2;
  if (compared_ > kMaxCompared) throw Error(where_, "has dicts that take minutes to look through: damaged or hostile");
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleNode& candidate = nodes_[dict.items[i]];
    if (candidate.kind == PickleKind::text && candidate.text == key) return &nodes_[dict.items[i + 1]];
  }
  return nullptr;
}

std::string Pickle::name_of(const PickleNode& node) const {
  if (node.kind == PickleKind::global) return std::string(node.module) + "." + std::string(node.text);
  if (node.kind != PickleKind::object) return "";
  const PickleNode& callable = nodes_[node.items[0]];
  return callable.kind == PickleKind::global ? name_of(callable) : "";
}

}  // namespace dinghy::converter
