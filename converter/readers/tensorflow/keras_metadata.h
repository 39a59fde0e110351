// keras_metadata.pb, which Keras 2 writes into a SavedModel: the configurations of the model and its layers.
#pragma once

#include <optional>
#include <string>

namespace dinghy::converter {

/// What it says of the model itself, a JSON object with its "class_name" and its "config"; nothing where it says
/// nothing of it. Throws Error for a damaged file.
std::optional<std::string> read_keras_metadata(const std::string& path);

}  // namespace dinghy::converter
