// The layers of a DIN of DeepCTR, by the names that Keras 2, Keras 3 and TensorFlow give their variables.
#pragma once

#include <optional>
#include <string>

#include "converter/network.h"
#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Where the layers lie; the numbers behind their names grow with the models that one process builds.
struct DeepctrScopes {
  std::string unit;       // "attention_sequence_pooling_layer/local_activation_unit"
  std::string unit_dnn;   // its DNN
  std::string tower_dnn;  // "dnn"
  std::string output;     // "dense"
  std::string prediction = "prediction_layer";
};

/// None unless the checkpoint has a local activation unit of DeepCTR.
std::optional<DeepctrScopes> find_deepctr_scopes(const Checkpoint& checkpoint);

/// A DNN of the package: linear, batch norm, activation. `part` is "attention" or "tower"; `activation` is what the
/// configuration says, none where there is none.
std::vector<Layer> take_deepctr_dnn(Conversion& conversion, const std::string& scope, const std::string& part,
                                    std::size_t inputs, std::optional<std::pair<std::string, Certainty>> activation);

}  // namespace dinghy::converter
