#include "converter/presets/codes/nvidia_sim_names.h"

#include <algorithm>
#include <cctype>

namespace dinghy::converter {
namespace {

// The number that a layer's name ends with; 0 without one: Keras counts "dense", "dense_1", "dense_2".
std::size_t number_at_end(const std::string& name) {
  std::size_t begin = name.size();
  while (begin > 0 && name.size() - begin < 9 && std::isdigit(static_cast<unsigned char>(name[begin - 1])) != 0)
    --begin;
  return begin == name.size() ? 0 : std::stoul(name.substr(begin));
}

bool has(const std::string& name, const char* part) { return name.find(part) != std::string::npos; }

bool in_tower(const std::string& name) {
  return has(name, "ctr_classification_mlp") || has(name, "classificationMLP/");
}

// What stands in front of `end` in those names that end with it and that `wanted` accepts, by their numbers.
template <class Wanted>
std::vector<std::string> numbered(const Checkpoint& checkpoint, const std::string& end, Wanted wanted) {
  std::vector<std::string> scopes;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (!tensor.name.ends_with(end) || !wanted(tensor.name)) continue;
    scopes.push_back(tensor.name.substr(0, tensor.name.size() - end.size()));
  }
  std::ranges::stable_sort(scopes, {}, number_at_end);
  return scopes;
}

}  // namespace

NvidiaSimNames nvidia_sim_names(const Checkpoint& checkpoint) {
  const auto is_table = [](const char* kind) {
    return [kind](const std::string& name) {
      const std::size_t place = name.rfind('/');
      return place != std::string::npos && name.compare(place + 1, 9, kind) == 0;
    };
  };
  NvidiaSimNames names;
  names.user_tables = numbered(checkpoint, "", is_table("user_feat"));
  names.item_tables = numbered(checkpoint, "", is_table("item_feat"));
  names.tower = numbered(checkpoint, "/kernel", in_tower);
  names.tower_prelus = numbered(checkpoint, "/alpha", in_tower);
  for (std::string& name : names.tower_prelus) name += "/alpha";
  // dense1, dense2 and linear by their path; by their names dense_3, dense_4 and dense_5, made behind the classifier.
  names.attention = numbered(checkpoint, "/kernel", [](const std::string& name) { return !in_tower(name); });
  const auto last = std::ranges::find_if(names.attention, [](const std::string& s) { return s.ends_with("/linear"); });
  if (last != names.attention.end()) std::rotate(last, last + 1, names.attention.end());
  return names;
}

}  // namespace dinghy::converter
