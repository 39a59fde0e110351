// The layout of Keras 2: a group for each layer, with an attribute that names its weights.
#pragma once

#include "converter/readers/keras/h5_file.h"

namespace dinghy::converter {

/// The group that holds the layers: the root of a file of weights, "model_weights" in that of a model.
std::optional<std::string> find_named_weights(const H5File& file);

/// All weights, layer by layer, by their own names without ":0". Two of one name get their layers' names in front.
std::vector<H5Dataset> read_named_weights(const H5File& file, const std::string& group);

}  // namespace dinghy::converter
