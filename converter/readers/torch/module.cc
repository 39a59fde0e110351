#include "converter/readers/torch/module.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxTensors = 100'000;

class ModuleWalk {
 public:
  ModuleWalk(const Pickle& pickle, TorchTensors& tensors, const std::string& where)
      : pickle_(pickle), tensors_(tensors), where_(where) {}

  void walk(const PickleNode& module, const std::string& prefix, int depth) {
    // The count stops modules that share their children over and over, the depth those that hold themselves.
    if (depth > kMaxDepth || ++modules_ > kMaxTensors || result.size() > kMaxTensors) {
      throw Error(where_, "module " + in_quotes(prefix) + " is nested too deeply or holds itself");
    }
    const PickleNode& attributes = pickle_[module.state];
    take_tensors(pickle_.find(attributes, "_parameters"), nullptr, prefix);
    take_tensors(pickle_.find(attributes, "_buffers"), pickle_.find(attributes, "_non_persistent_buffers_set"), prefix);
    const PickleNode* children = pickle_.find(attributes, "_modules");
    for_each(children, [&](const std::string& name, const PickleNode& child) {
      if (is_torch_module(pickle_, child)) walk(child, prefix + name + ".", depth + 1);
    });
  }

  std::vector<Tensor> result;

 private:
  template <class Action>
  void for_each(const PickleNode* dict, Action action) const {
    if (!dict || dict->kind != PickleKind::dict) return;
    for (std::size_t i = 0; i + 1 < dict->items.size(); i += 2) {
      const PickleNode& key = pickle_[dict->items[i]];
      if (key.kind == PickleKind::text) action(std::string(key.text), pickle_[dict->items[i + 1]]);
    }
  }

  void take_tensors(const PickleNode* dict, const PickleNode* left_out, const std::string& prefix) {
    for_each(dict, [&](const std::string& name, const PickleNode& value) {
      if (tensors_.is_tensor(value) && !in_set(left_out, name)) result.push_back(tensors_.read(value, prefix + name));
    });
  }

  // Protocol 2 writes a set as the call set([...]).
  bool in_set(const PickleNode* set, const std::string& name) const {
    if (!set) return false;
    if (set->kind == PickleKind::object) {
      const PickleNode& arguments = pickle_[set->items[1]];
      if (arguments.items.empty()) return false;
      set = &pickle_[arguments.items[0]];
    }
    return std::ranges::any_of(set->items, [&](PickleId id) { return pickle_[id].text == name; });
  }

  const Pickle& pickle_;
  TorchTensors& tensors_;
  const std::string& where_;
  std::size_t modules_ = 0;
};

}  // namespace

bool is_torch_module(const Pickle& pickle, const PickleNode& node) {
  if (node.kind != PickleKind::object || node.state == PickleNode::kAbsent) return false;
  const PickleNode& attributes = pickle[node.state];
  return pickle.find(attributes, "_parameters") && pickle.find(attributes, "_modules");
}

std::vector<Tensor> read_torch_module(const Pickle& pickle, const PickleNode& module, TorchTensors& tensors,
                                      const std::string& where) {
  ModuleWalk walk(pickle, tensors, where);
  walk.walk(module, "", 0);
  return std::move(walk.result);
}

}  // namespace dinghy::converter
