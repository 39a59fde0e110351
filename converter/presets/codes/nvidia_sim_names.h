// Which variables of NVIDIA's DINModel are which. TensorFlow names them by the layers' order of creation, or, where
// names are not unique, by their path from the root of the checkpoint.
#pragma once

#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

/// In the order of the network. Layers are scopes: "ctr_classification_mlp/dense" of "…/kernel" and "…/bias".
struct NvidiaSimNames {
  std::vector<std::string> user_tables, item_tables;  // "embedding/user_feat0"
  std::vector<std::string> attention;                 // empty for dot products
  std::vector<std::string> tower;
  std::vector<std::string> tower_prelus;  // tensors
};

NvidiaSimNames nvidia_sim_names(const Checkpoint& checkpoint);

}  // namespace dinghy::converter
