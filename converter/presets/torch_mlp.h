// Multi-layer perceptrons of PyTorch modules: which tensors are one layer, and what no tensor tells about them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converter/network.h"
#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// One layer by the names of its modules; an empty name: it has none.
struct TorchLayer {
  std::string input_norm;  // batch norm in front of the weights
  std::string linear;
  std::string norm;  // batch norm behind them
  std::string activation;
};

/// The children of the nn.Sequential `prefix` ("dnn.mlp"), in the order of their numbers. A child without tensors shows
/// only in a whole module. Numbers have gaps: dropout and activations take some.
std::vector<std::string> sequential_modules(const Checkpoint& checkpoint, const std::string& prefix);

/// The layers of `modules`, which are applied in this order. Tensors tell what a module is, and its class where the
/// checkpoint is a whole module. Throws Error for a module that is no linear layer, batch norm, activation or dropout.
std::vector<TorchLayer> torch_layers(const Checkpoint& checkpoint, const std::vector<std::string>& modules);

/// What a code's Dice normalizes by; its tensors are alpha and, for `stored`, those of a batch norm called bn.
enum class TorchDice {
  stored,  // stored statistics
  row,     // mean and sum of squares of the row's own channels, with epsilon added in every channel
  none,    // nothing: the gate sees x
};

/// Whether a code's trainings give the layers in front of the logit batch norm.
enum class TorchNorm { never, optional, always };

struct TorchMlp {
  std::string part;  // "attention" or "tower": the recipe's section, and the name in the report
  format::ActivationKind assumed = format::ActivationKind::relu;  // where neither tensors nor a class tell
  Certainty assumed_certainty = Certainty::assumed;
  bool ends_in_logit = false;  // the last linear layer has no activation
  TorchDice dice = TorchDice::stored;
  double dice_epsilon = 1e-8;
  TorchNorm batch_norm = TorchNorm::optional;
  double batch_norm_epsilon = 1e-5;  // PyTorch's default
};

/// The layers by the names of their tensors, with what they lack that others may have. Throws Error for tensors that
/// are missing.
std::vector<LayerRecipe> describe_torch_mlp(const Conversion& conversion, const std::vector<TorchLayer>& layers,
                                            const TorchMlp& mlp);

/// The layers themselves, with what the recipe says of them: takes their tensors, folds batch norm, reports activation
/// and epsilons. `inputs`: the width of the input. Throws Error for tensors that do not fit.
std::vector<Layer> take_torch_mlp(Conversion& conversion, const std::vector<TorchLayer>& layers, const TorchMlp& mlp,
                                  std::size_t inputs);

}  // namespace dinghy::converter
