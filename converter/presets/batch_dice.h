// Dice that normalizes by the statistics of the batch that is being scored.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// As std::sqrt(mean((x - mean)^2 + variance)) + deviation has them.
struct BatchDiceEpsilon {
  double variance, deviation;
};

/// The gate of tower layer `layer`, which conversion.batch_norms then names: its scale and shift come from the
/// calibration, without which there is no model.
Activation batch_dice(Conversion& conversion, std::size_t layer, Vector alpha, BatchDiceEpsilon epsilon);

}  // namespace dinghy::converter
