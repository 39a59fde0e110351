#include "converter/readers/torch/siblings.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "converter/error.h"
#include "converter/readers/tensor_words.h"
#include "converter/readers/torch/module.h"

namespace dinghy::converter {
namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kLongest = 40;  // of a path in a report: Lightning names callbacks with all their settings
constexpr std::size_t kMaxVisits = 20'000;
constexpr std::size_t kMaxAlternatives = 16;  // each is as large as the weights in the end

class SiblingWalk {
 public:
  SiblingWalk(const Pickle& pickle, TorchTensors& tensors, const PickleNode* weights, const std::string& where,
              Checkpoint& checkpoint)
      : pickle_(pickle), tensors_(tensors), weights_(weights), where_(where), checkpoint_(checkpoint) {
    for (const Tensor& tensor : checkpoint.tensors) last_parts_.insert(last_part(tensor.name));
  }

  void walk(const PickleNode& node, const std::string& path, int depth) {
    if (depth > kMaxDepth || ++visits_ > kMaxVisits) return;
    if (&node == weights_ && node.kind == PickleKind::object) return;  // a module, with all that is inside it
    if (is_torch_module(pickle_, node)) return add(node, path);
    if (is_optimizer(node)) return leave_out(node, path, "state of the optimizer");
    if (node.kind == PickleKind::object && node.contents != PickleNode::kAbsent) {
      return walk(pickle_[node.contents], path, depth);
    }
    if (&node != weights_ && !path.empty() && holds_tensor(pickle_, tensors_, node)) add(node, path);
    for_each(node, path, [&](const PickleNode& inner, const std::string& inner_path) {
      if (last_part(inner_path) == "shadow_params") return add_list(inner_path);
      walk(inner, inner_path, depth + 1);
    });
  }

 private:
  // Of a dict what has a name; of a list everything.
  template <class Action>
  void for_each(const PickleNode& node, const std::string& path, Action action) const {
    if (node.kind == PickleKind::dict) {
      for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
        const PickleNode& key = pickle_[node.items[i]];
        if (key.kind != PickleKind::text) continue;
        action(pickle_[node.items[i + 1]], (path.empty() ? "" : path + ".") + std::string(key.text));
      }
    } else if (node.kind == PickleKind::list) {
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        action(pickle_[node.items[i]], path + "[" + std::to_string(i) + "]");
      }
    }
  }

  bool is_optimizer(const PickleNode& node) const {
    if (node.kind == PickleKind::object) return pickle_.name_of(node).starts_with("torch.optim.");
    return node.kind == PickleKind::dict && pickle_.find(node, "state") && pickle_.find(node, "param_groups");
  }

  // Only what has the network's kinds of tensors is read: a trainer may keep much that is of no use here.
  void add(const PickleNode& node, const std::string& path) {
    if (!seen_.insert(&node).second) return;
    const bool module = node.kind == PickleKind::object;
    const bool many = checkpoint_.alternatives.size() == kMaxAlternatives;
    if (many || (!module && weights_ && !has_last_parts(node))) return leave_out(node, path, "beside the weights");
    try {
      checkpoint_.alternatives.push_back({path, module ? read_torch_module(pickle_, node, tensors_, where_)
                                                       : read_state_dict(pickle_, node, tensors_)});
    } catch (const Error& error) {
      checkpoint_.alternatives.push_back({path, {}, std::string("cannot be read: ") + error.what()});
    }
  }

  bool has_last_parts(const PickleNode& dict) const {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      if (last_parts_.contains(last_part(pickle_[dict.items[i]].text))) return true;
    }
    return false;
  }

  void add_list(const std::string& path) {
    if (checkpoint_.alternatives.size() == kMaxAlternatives) return;
    checkpoint_.alternatives.push_back(
        {path, {}, "are a list without names; in Python copy them into the model and save its state_dict"});
  }

  void leave_out(const PickleNode& node, const std::string& path, const char* reason) {
    const std::size_t count = count_tensors(node, 0);
    if (count == 0) return;
    const std::string shown = path.size() > kLongest ? path.substr(0, kLongest) + "…" : path;
    checkpoint_.left_out.emplace_back(shown + " (" + tensors_text(count) + ")", reason);
  }

  std::size_t count_tensors(const PickleNode& node, int depth) {
    if (tensors_.is_tensor(node)) return 1;
    if (depth > kMaxDepth || ++visits_ > kMaxVisits) return 0;
    std::size_t count = 0;
    if (node.state != PickleNode::kAbsent) count += count_tensors(pickle_[node.state], depth + 1);
    if (node.kind != PickleKind::dict && node.kind != PickleKind::list) return count;
    for (const PickleId id : node.items) count += count_tensors(pickle_[id], depth + 1);
    return count;
  }

  const Pickle& pickle_;
  TorchTensors& tensors_;
  const PickleNode* weights_;
  const std::string& where_;
  Checkpoint& checkpoint_;
  std::set<std::string_view> last_parts_;  // "weight", "bias"
  std::set<const PickleNode*> seen_;       // by whatever key, once
  std::size_t visits_ = 0;
};

}  // namespace

bool holds_tensor(const Pickle& pickle, const TorchTensors& tensors, const PickleNode& dict) {
  if (dict.kind != PickleKind::dict) return false;
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    if (pickle[dict.items[i]].kind == PickleKind::text && tensors.is_tensor(pickle[dict.items[i + 1]])) return true;
  }
  return false;
}

std::vector<Tensor> read_state_dict(const Pickle& pickle, const PickleNode& dict, TorchTensors& tensors) {
  std::vector<Tensor> result;
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleNode& key = pickle[dict.items[i]];
    const PickleNode& value = pickle[dict.items[i + 1]];
    if (key.kind != PickleKind::text || !tensors.is_tensor(value)) continue;
    result.push_back(tensors.read(value, std::string(key.text)));
  }
  return result;
}

void collect_siblings(const Pickle& pickle, TorchTensors& tensors, const PickleNode* weights, const std::string& where,
                      Checkpoint& checkpoint) {
  SiblingWalk walk(pickle, tensors, weights, where, checkpoint);
  walk.walk(pickle[pickle.root()], "", 0);
}

}  // namespace dinghy::converter
