#include "converter/presets/keras_variables.h"

namespace dinghy::converter {

std::string keras_variable(const Checkpoint& checkpoint, const std::string& layer, const std::string& name,
                           int number) {
  const std::string named = layer + "/" + name;
  const std::string numbered = layer + "/vars/" + std::to_string(number);
  return !checkpoint.find(named) && checkpoint.find(numbered) ? numbered : named;
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

}  // namespace dinghy::converter
