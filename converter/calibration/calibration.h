// Freezes normalizations by batch statistics: their mean and variance become those of given requests.
#pragma once

#include <string>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Computes the tower of conversion.network in double for every candidate of the requests in the file `rows`, one row
/// each, and puts what they tell in the place of conversion.batch_norms, in the order of the tower. `output`: where the
/// model will be; it is written there once, under a temporary name, for the engine to gather and pool with. Adds to the
/// findings where the statistics come from. Throws Error for damaged requests, and for fewer than two or over 200,000
/// candidates.
void calibrate(Conversion& conversion, const std::string& rows, const std::string& output);

}  // namespace dinghy::converter
