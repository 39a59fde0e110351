// The layout of Keras 3, which Keras 2.15 writes too: groups as the model's objects lie in each other, each with its
// own variables by number in "vars".
#pragma once

#include "converter/readers/keras/h5_file.h"
#include "converter/readers/keras/layer_names.h"

namespace dinghy::converter {

bool holds_numbered_weights(const H5File& file);

/// All weights of the model, by the names of the layers around them: "attention/ffn_0/vars/0". The names are those
/// beside the variables (Keras 3.5 and later write them), else in `names`, else the group's own. Where two weights
/// would get one name, all keep the file's: "layers/din_attention/ffn/dense/vars/0".
std::vector<H5Dataset> read_numbered_weights(const H5File& file, const LayerNames& names);

}  // namespace dinghy::converter
