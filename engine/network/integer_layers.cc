#include "engine/network/integer_layers.h"

#include <algorithm>
#include <cmath>

namespace dinghy::kernels {

IntegerRange int16_range(std::size_t width) noexcept {
  constexpr double kMost = 2147483647;
  const double range = std::floor(std::sqrt(kMost / static_cast<double>(std::max<std::size_t>(1, width))));
  const auto both = static_cast<std::int32_t>(std::min(range, 32767.0));
  return {both, both};
}

}  // namespace dinghy::kernels

namespace dinghy::network {
namespace {

using kernels::Digits;

bool make_integers(const Layer& layer, IntegerWeight& weight, kernels::IntegerLayer& bound) noexcept {
  const std::size_t words = kernels::words_of(Digits::int16, layer.in);
  if (!weight.words.allocate(words * layer.stride) || !weight.scale.allocate(layer.stride)) return false;
  const std::int32_t range = kernels::int16_range(layer.in).weight;
  for (std::size_t h = 0; h < layer.out; ++h) {
    float largest = 0;
    for (std::size_t i = 0; i < layer.in; ++i) largest = std::max(largest, std::fabs(layer.weight[i * layer.stride + h]));
    const double scale = static_cast<double>(largest) / range;
    weight.scale[h] = static_cast<float>(scale);
    for (std::size_t i = 0; i < layer.in && largest > 0; ++i) {
      const auto integer =
          static_cast<std::uint32_t>(std::lrint(static_cast<double>(layer.weight[i * layer.stride + h]) / scale));
      std::int32_t& word = weight.words[i / 2 * layer.stride + h];
      word = static_cast<std::int32_t>(static_cast<std::uint32_t>(word) | (integer & 0xffffu) << (i % 2 * 16));
    }
  }
  bound = {weight.words.begin(), weight.scale.begin(), range};
  return true;
}

}  // namespace

bool make_integer_layers(Interest& interest) noexcept {
  const std::size_t count = interest.hidden.size();
  if (!interest.integer_weights.allocate(count) || !interest.integer_layers.allocate(count)) return false;
  for (std::size_t l = 1; l < count; ++l) {
    if (!make_integers(interest.hidden[l], interest.integer_weights[l], interest.integer_layers[l])) return false;
  }
  return true;
}

}  // namespace dinghy::network
