#include "engine/network/integer_layers.h"

#include <algorithm>
#include <cmath>

namespace dinghy::network {
namespace {

using kernels::Digits;

bool make_integers(Digits digits, const Layer& layer, IntegerWeight& weight, kernels::IntegerLayer& bound) noexcept {
  const std::size_t per = kernels::per_word(digits), words = kernels::words_of(digits, layer.in);
  const std::size_t bits = 32 / per;
  if (!weight.words.allocate(words * layer.stride) || !weight.scale.allocate(layer.stride) ||
      !weight.sums.allocate(layer.stride)) {
    return false;
  }
  const kernels::IntegerRange range =
      digits == Digits::int16 ? kernels::int16_range(layer.in) : kernels::kLeastBytes;
  for (std::size_t h = 0; h < layer.out; ++h) {
    float largest = 0;
    for (std::size_t i = 0; i < layer.in; ++i) {
      largest = std::max(largest, std::fabs(layer.weight[i * layer.stride + h]));
    }
    const double scale = static_cast<double>(largest) / range.weight;
    weight.scale[h] = static_cast<float>(scale);
    for (std::size_t i = 0; i < layer.in && largest > 0; ++i) {
      const long integer = std::lrint(static_cast<double>(layer.weight[i * layer.stride + h]) / scale);
      const std::uint32_t mask = 0xffffffffu >> (32 - bits);
      std::int32_t& word = weight.words[i / per * layer.stride + h];
      word |= static_cast<std::int32_t>((static_cast<std::uint32_t>(integer) & mask) << (i % per * bits));
      weight.sums[h] += static_cast<std::int32_t>(integer);
    }
  }
  bound = {weight.words.begin(), weight.scale.begin(), weight.sums.begin(), range.row};
  return true;
}

}  // namespace

bool make_integer_layers(Digits digits, Interest& interest) noexcept {
  const std::size_t count = interest.hidden.size();
  if (!interest.integer_weights.allocate(count) || !interest.integer_layers.allocate(count)) return false;
  for (std::size_t l = 1; l < count; ++l) {
    if (!make_integers(digits, interest.hidden[l], interest.integer_weights[l], interest.integer_layers[l])) {
      return false;
    }
  }
  return true;
}

}  // namespace dinghy::network
