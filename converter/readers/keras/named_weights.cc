#include "converter/readers/keras/named_weights.h"

#include <unordered_set>

namespace dinghy::converter {
namespace {

const std::string kLayers = "layer_names";
const std::string kWeights = "weight_names";
const std::string kOwnWeights = "top_level_model_weights";  // of the model itself, in no layer

std::string joined(const std::string& group, const std::string& name) {
  return group.empty() ? name : group + "/" + name;
}

// A list over 64 kB is spread over name0, name1, … (keras/saving/hdf5_format.py, save_attributes_to_hdf5_group).
std::vector<std::string> list_of(const H5File& file, const std::string& group, const std::string& attribute) {
  if (const auto whole = file.texts(group, attribute)) return *whole;
  std::vector<std::string> texts;
  for (int i = 0;; ++i) {
    const auto part = file.texts(group, attribute + std::to_string(i));
    if (!part) return texts;
    texts.insert(texts.end(), part->begin(), part->end());
  }
}

std::string without_output(const std::string& name) {
  return name.ends_with(":0") ? name.substr(0, name.size() - 2) : name;
}

}  // namespace

std::optional<std::string> find_named_weights(const H5File& file) {
  for (const std::string group : {"", "model_weights"}) {
    if (!group.empty() && !file.has_group(group)) continue;
    if (file.texts(group, kLayers) || file.texts(group, kLayers + "0")) return group;
  }
  return std::nullopt;
}

std::vector<H5Dataset> read_named_weights(const H5File& file, const std::string& group) {
  std::vector<std::string> layers = list_of(file, group, kLayers);
  if (file.has_group(joined(group, kOwnWeights))) layers.push_back(kOwnWeights);
  std::vector<H5Dataset> weights;
  std::unordered_set<std::string> seen;
  for (const std::string& layer : layers) {
    for (const std::string& weight : list_of(file, joined(group, layer), kWeights)) {
      H5Dataset dataset = file.dataset(joined(joined(group, layer), weight));
      dataset.name = without_output(weight);
      if (!seen.insert(dataset.name).second) dataset.name = layer + "/" + dataset.name;
      weights.push_back(std::move(dataset));
    }
  }
  return weights;
}

}  // namespace dinghy::converter
