#include "converter/presets/keras_variables.h"

#include <algorithm>
#include <charconv>

#include "converter/error.h"

namespace dinghy::converter {

std::string keras_variable(const Checkpoint& checkpoint, const std::string& layer, const std::string& name,
                           int number) {
  const std::string named = layer + "/" + name;
  const std::string numbered = layer + "/vars/" + std::to_string(number);
  // Keras 3 opens the scope of a layer inside another one twice.
  const std::string doubled = layer + "/" + layer.substr(layer.rfind('/') + 1) + "/" + name;
  for (const std::string& other : {named, numbered, doubled}) {
    if (checkpoint.find(other)) return other;
  }
  return named;
}

std::string keras_embeddings(const Checkpoint& checkpoint, const std::string& layer) {
  return keras_variable(checkpoint, layer, "embeddings", 0);
}

std::string keras_kernel(const Checkpoint& checkpoint, const std::string& layer) {
  return keras_variable(checkpoint, layer, "kernel", 0);
}

std::string keras_bias(const Checkpoint& checkpoint, const std::string& layer) {
  return keras_variable(checkpoint, layer, "bias", 1);
}

bool is_keras_layer(const std::string& name, const std::string& base) {
  if (!name.starts_with(base)) return false;
  const std::string rest = name.substr(base.size());
  return rest.empty() || (rest.size() > 1 && rest[0] == '_' && rest.find_first_not_of("0123456789", 1) == rest.npos);
}

std::vector<std::string> keras_layers(const Checkpoint& checkpoint, const std::string& scope, const std::string& base) {
  const std::string prefix = scope.empty() ? "" : scope + "/";
  std::vector<std::string> found;
  for (const Tensor& tensor : checkpoint.tensors) {
    const std::size_t end = tensor.name.find('/', prefix.size());
    if (!tensor.name.starts_with(prefix) || end == std::string::npos) continue;
    const std::string layer = tensor.name.substr(0, end);
    if (is_keras_layer(layer.substr(prefix.size()), base) && std::ranges::count(found, layer) == 0) {
      found.push_back(layer);
    }
  }
  std::ranges::sort(found, [](const auto& left, const auto& right) {
    return std::pair(left.size(), left) < std::pair(right.size(), right);
  });
  return found;
}

std::vector<std::string> keras_layer_list(const Checkpoint& checkpoint, const std::string& scope,
                                          const std::string& base) {
  std::vector<std::string> layers = keras_layers(checkpoint, scope, base);
  const std::size_t end = (scope.empty() ? 0 : scope.size() + 1) + base.size();
  std::uint64_t expected = 0;
  for (const std::string& layer : layers) {
    std::uint64_t number = 0;  // of "dense"; 1 of "dense_1"
    if (layer.size() > end) std::from_chars(layer.data() + end + 1, layer.data() + layer.size(), number);
    if (&layer != &layers.front() && number != expected) {
      throw Error(checkpoint.path, "has " + layer + ", but not number " + std::to_string(expected) +
                                       " of the same layers; the file is incomplete");
    }
    expected = number + 1;
  }
  return layers;
}

}  // namespace dinghy::converter
