// The object graph that tf.train.Checkpoint and SavedModel store: which variable lies under which key.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "converter/tensor.h"

namespace dinghy::converter {

/// Key in the checkpoint ("model/layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE") -> the variable's own
/// name ("item_emb/embeddings"), where it has one. `stored` is the string tensor _CHECKPOINTABLE_OBJECT_GRAPH as it
/// lies in the file. Throws Error at `where`.
std::map<std::string, std::string> read_object_graph(std::shared_ptr<const Storage> stored, const std::string& where);

}  // namespace dinghy::converter
