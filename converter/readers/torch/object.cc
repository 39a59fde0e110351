#include "converter/readers/torch/object.h"

#include <algorithm>
#include <array>
#include <optional>

#include "converter/error.h"
#include "converter/readers/numpy/id_list.h"
#include "converter/readers/torch/module.h"
#include "converter/readers/torch/pickle_facts.h"
#include "converter/readers/torch/siblings.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

constexpr std::array<std::string_view, 3> kWrappers{"state_dict", "model_state_dict", "model"};
constexpr int kMaxWrappers = 4;
constexpr std::uint64_t kMaxLists = 256ull << 20;

struct FoundWeights {
  const PickleNode* node = nullptr;  // a state_dict or module; nullptr: none
  std::string path = {};             // of the keys that lead to it
};

FoundWeights find_weights(const Pickle& pickle, const TorchTensors& tensors, const PickleNode& node,
                          const std::string& path, int depth) {
  if (is_torch_module(pickle, node)) return {&node, path};
  if (node.kind == PickleKind::object && node.contents != PickleNode::kAbsent) {
    return find_weights(pickle, tensors, pickle[node.contents], path, depth);  // a dict of a class of its own
  }
  // Wrappers first: the dict around a state_dict may hold a stray tensor, such as the best loss.
  for (const std::string_view wrapper : kWrappers) {
    const PickleNode* inner = pickle.find(node, wrapper);
    if (!inner || depth == 0) continue;
    const std::string inner_path = (path.empty() ? "" : path + ".") + std::string(wrapper);
    if (FoundWeights found = find_weights(pickle, tensors, *inner, inner_path, depth - 1); found.node) return found;
  }
  return holds_tensor(pickle, tensors, node) ? FoundWeights{&node, path} : FoundWeights{};
}

std::string describe(const Pickle& pickle, const PickleNode& node) {
  if (node.kind == PickleKind::object) {
    return "an object of " + in_quotes(pickle.name_of(node)) + ", which is not looked into";
  }
  if (node.kind == PickleKind::global) return "the name " + in_quotes(pickle.name_of(node));
  if (node.kind != PickleKind::dict) return "no dict";
  std::string keys;
  for (std::size_t i = 0; i + 1 < std::min<std::size_t>(node.items.size(), 16); i += 2) {
    const PickleNode& key = pickle[node.items[i]];
    if (key.kind == PickleKind::text) keys += (keys.empty() ? "" : ", ") + in_quotes(key.text);
  }
  return keys.empty() ? "a dict without tensors" : "a dict without tensors; its keys are " + keys;
}

// Hyper-parameters of the module and of what is around it, and the arrays beside them.
void add_facts(const Pickle& pickle, const PickleNode* weights, const std::string& where, Checkpoint& checkpoint) {
  const PickleNode& root = pickle[pickle.root()];
  const bool module = weights && weights->kind == PickleKind::object;
  PickleFacts facts = module ? collect_facts(pickle, *weights, nullptr, where) : PickleFacts{};
  if (!module || weights != &root) {
    PickleFacts around = collect_facts(pickle, root, weights, where);
    facts.values.insert(facts.values.end(), around.values.begin(), around.values.end());
    facts.arrays.insert(facts.arrays.end(), around.arrays.begin(), around.arrays.end());
    facts.unread.insert(facts.unread.end(), around.unread.begin(), around.unread.end());
  }
  checkpoint.facts = std::move(facts.values);
  checkpoint.unread = std::move(facts.unread);
  std::uint64_t held = 0;  // arrays of a hostile file may all be views of the same bytes
  for (const auto& [path, array] : facts.arrays) {
    const std::string place = where + ": " + path;
    const bool room = held < kMaxLists;
    std::optional<std::string> list = room ? id_list_of_pickle(pickle, *array, place) : std::nullopt;
    if (!list) {
      checkpoint.unread.emplace_back(
          path, room ? "is an array of other values than texts" : "lies behind more than 256 MiB of texts");
      continue;
    }
    held += list->size();
    checkpoint.documents.push_back({path, place, std::move(*list)});
  }
}

// A file whose only weights lie under a key of its owner's; their names say the rest.
void take_only_weights(Checkpoint& checkpoint, const std::string& where, const std::string& description) {
  std::erase_if(checkpoint.alternatives, [](const Weights& weights) { return weights.tensors.empty(); });
  if (checkpoint.alternatives.empty()) {
    throw Error(where, "holds no state_dict: the pickle is " + description +
                           "; save with torch.save(model.state_dict(), PATH)");
  }
  std::vector<std::string> names;
  for (const Weights& weights : checkpoint.alternatives) names.push_back(weights.name);
  if (names.size() > 1) {
    throw Error(where, "holds several state_dicts, " + listed(names) + "; save that of the network by itself");
  }
  checkpoint.unwrapped.push_back("tensors of " + in_quotes(names[0]));
  checkpoint.tensors = std::move(checkpoint.alternatives[0].tensors);
  checkpoint.alternatives.clear();
}

}  // namespace

void read_torch_object(const Pickle& pickle, TorchTensors& tensors, const std::string& container,
                       const std::string& where, Checkpoint& checkpoint) {
  const PickleNode& root = pickle[pickle.root()];
  const FoundWeights weights = find_weights(pickle, tensors, root, "", kMaxWrappers);
  const bool module = weights.node && weights.node->kind == PickleKind::object;
  checkpoint.format = "pytorch " + container + (module ? " whole module" : " state_dict");
  if (weights.node) {
    checkpoint.tensors = module ? read_torch_module(pickle, *weights.node, tensors, where)
                                : read_state_dict(pickle, *weights.node, tensors);
    checkpoint.weights = weights.path.empty() ? "model" : weights.path;
    if (checkpoint.tensors.empty()) throw Error(where, "holds a module without parameters");
  }
  collect_siblings(pickle, tensors, weights.node, where, checkpoint);
  if (!weights.node) take_only_weights(checkpoint, where, describe(pickle, root));
  add_facts(pickle, weights.node, where, checkpoint);
}

}  // namespace dinghy::converter
