#include "converter/presets/codes/fuxictr_mlp.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "converter/error.h"
#include "converter/presets/torch_mlp.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-9;   // pytorch/layers/activations.py:35
constexpr double kDiceEpsilon0 = 1e-8;  // pytorch/layers/activation.py of 1.0, whose Dice has gamma and beta

bool has_affine_dice(const Checkpoint& checkpoint) {
  return std::ranges::any_of(checkpoint.tensors,
                             [](const Tensor& tensor) { return tensor.name.ends_with(".bn.weight"); });
}

}  // namespace

std::optional<format::ActivationKind> fuxictr_activation(const Checkpoint& checkpoint,
                                                         const std::optional<std::string>& word) {
  using Kind = format::ActivationKind;
  static const std::map<std::string, std::optional<Kind>> kKinds = {{"", {}},
                                                                    {"dice", {}},
                                                                    {"prelu", {}},
                                                                    {"relu", Kind::relu},
                                                                    {"sigmoid", Kind::sigmoid},
                                                                    {"tanh", Kind::tanh},
                                                                    {"none", Kind::identity},
                                                                    {"identity", Kind::identity}};
  std::string lower = word.value_or("");
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto known = kKinds.find(lower);
  if (known != kKinds.end()) return known->second;
  throw Error(checkpoint.path, "its log says the activation " + in_quotes(*word) + ", which is not known here");
}

// An activation without tensors: what the log says, else relu, the default of both (torch_utils.py:126-138).
std::vector<LayerRecipe> fuxictr_mlp(const Conversion& conversion, const std::string& prefix, const std::string& part,
                                     const std::optional<std::string>& by_log) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  TorchMlp mlp;
  mlp.part = part;
  mlp.ends_in_logit = true;
  if (part == "attention") mlp.batch_norm = TorchNorm::never;
  mlp.dice_epsilon = has_affine_dice(checkpoint) ? kDiceEpsilon0 : kDiceEpsilon;
  if (const auto kind = fuxictr_activation(checkpoint, by_log)) {
    mlp.assumed = *kind;
    mlp.assumed_certainty = Certainty::companion;
  }
  return describe_torch_mlp(conversion, torch_layers(checkpoint, sequential_modules(checkpoint, prefix)), mlp);
}

}  // namespace dinghy::converter
