#include "engine/network/fold.h"

namespace dinghy::network {

void fold_first_layer(const Layer& first, std::size_t width, OwnedFloats& owned, Interest& interest) noexcept {
  const std::size_t block = width * first.stride;
  const float* const a = first.weight;
  const float* const b = a + block;
  const float* const c = b + block;
  float* const query = owned.take(block);
  float* const keys = owned.take(block);
  for (std::size_t i = 0; i < block; ++i) {
    query[i] = static_cast<float>(static_cast<double>(a[i]) + static_cast<double>(c[i]));
    keys[i] = static_cast<float>(static_cast<double>(b[i]) - static_cast<double>(c[i]));
  }
  interest.query_weight = query;
  interest.keys_weight = keys;
  interest.product_weight = c + block;
}

}  // namespace dinghy::network
