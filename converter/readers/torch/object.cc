#include "converter/readers/torch/object.h"

#include <algorithm>
#include <array>
#include <optional>

#include "converter/error.h"
#include "converter/readers/numpy/id_list.h"
#include "converter/readers/torch/module.h"
#include "converter/readers/torch/pickle_facts.h"
#include "converter/readers/torch/prefixes.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::array<std::string_view, 3> kWrappers{"state_dict", "model_state_dict", "model"};
constexpr std::array<std::string_view, 2> kPrefixes{"module.", "_orig_mod."};
constexpr int kMaxWrappers = 4;
constexpr std::uint64_t kMaxLists = 256ull << 20;

bool holds_tensor(const Pickle& pickle, const TorchTensors& tensors, const PickleNode& dict) {
  if (dict.kind != PickleKind::dict) return false;
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    if (pickle[dict.items[i]].kind == PickleKind::text && tensors.is_tensor(pickle[dict.items[i + 1]])) return true;
  }
  return false;
}

/// The state_dict or module in `node`, or nullptr.
const PickleNode* find_weights(const Pickle& pickle, const TorchTensors& tensors, const PickleNode& node, int depth) {
  if (is_torch_module(pickle, node)) return &node;
  if (node.kind == PickleKind::object && node.contents != PickleNode::kAbsent) {
    return find_weights(pickle, tensors, pickle[node.contents], depth);  // a dict of a class of its own
  }
  // Wrappers first: the dict around a state_dict may hold a stray tensor, such as the best loss.
  for (const std::string_view wrapper : kWrappers) {
    const PickleNode* inner = pickle.find(node, wrapper);
    const PickleNode* found = inner && depth > 0 ? find_weights(pickle, tensors, *inner, depth - 1) : nullptr;
    if (found) return found;
  }
  return holds_tensor(pickle, tensors, node) ? &node : nullptr;
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

}  // namespace

void read_torch_object(const Pickle& pickle, TorchTensors& tensors, const std::string& container,
                       const std::string& where, Checkpoint& checkpoint) {
  const PickleNode& root = pickle[pickle.root()];
  const PickleNode* weights = find_weights(pickle, tensors, root, kMaxWrappers);
  if (!weights) {
    throw Error(where, "holds no state_dict: the pickle is " + describe(pickle, root) +
                           "; save with torch.save(model.state_dict(), PATH)");
  }
  const bool module = weights->kind == PickleKind::object;
  checkpoint.format = "pytorch " + container + (module ? " whole module" : " state_dict");
  checkpoint.tensors =
      module ? read_torch_module(pickle, *weights, tensors, where) : read_state_dict(pickle, *weights, tensors);
  if (checkpoint.tensors.empty()) throw Error(where, "holds a module without parameters");
  strip_prefixes(checkpoint.tensors, kPrefixes);  // either may be around the other
  PickleFacts facts = collect_facts(pickle, root, module ? nullptr : weights, where);
  checkpoint.facts = std::move(facts.values);
  std::uint64_t held = 0;  // arrays of a hostile file may all be views of the same bytes
  for (const auto& [path, array] : facts.arrays) {
    const std::string place = where + ": " + path;
    std::optional<std::string> list = held < kMaxLists ? id_list_of_pickle(pickle, *array, place) : std::nullopt;
    if (!list) continue;
    held += list->size();
    checkpoint.documents.push_back({path, place, std::move(*list)});
  }
}

}  // namespace dinghy::converter
