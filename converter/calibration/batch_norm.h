// A normalization by the statistics of the batch that is being scored: for one request it has no value of its own.
#pragma once

#include <cstddef>

namespace dinghy::converter {

/// norm(x) = (x - mean) / (sqrt(variance + variance_epsilon) + deviation_epsilon), per channel, of a layer of the
/// tower. Until the calibration has frozen mean and variance the network is without it; a gamma and a beta are not,
/// presets fold them into the layer.
struct BatchNorm {
  enum class Place {
    input,  // of the layer: norm(x) * weight + bias
    gate,   // of its activation: Dice
  };

  std::size_t layer = 0;
  Place place = Place::gate;
  double variance_epsilon = 0;
  double deviation_epsilon = 0;
};

}  // namespace dinghy::converter
