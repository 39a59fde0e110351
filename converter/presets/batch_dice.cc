#include "converter/presets/batch_dice.h"

namespace dinghy::converter {

Activation batch_dice(Conversion& conversion, std::size_t layer, Vector alpha, BatchDiceEpsilon epsilon) {
  conversion.batch_norms.push_back({layer, BatchNorm::Place::gate, epsilon.variance, epsilon.deviation});
  Activation activation;
  activation.kind = format::ActivationKind::gate;
  activation.scale.assign(alpha.size(), 0.0);
  activation.shift.assign(alpha.size(), 0.0);
  activation.alpha = std::move(alpha);
  return activation;
}

}  // namespace dinghy::converter
