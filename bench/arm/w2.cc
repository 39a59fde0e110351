// The attention of one request of W2 on the kernels of neon64 alone: 100 candidates, 100 behaviours of 128 numbers,
// hidden layers of 80 and 40 with sigmoids. Prints a hash of the logits' bits: two builds that print the same compute
// the same.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>
#include <vector>

#include "engine/kernels/isa/tables.h"

namespace {

using namespace dinghy::kernels;

constexpr std::size_t kItems = 100, kWidth = 128, kFirst = 80, kSecond = 40, kSecondStride = 48;

/// Numbers in (-1, 1) * most, the same on every machine; on a cache line, as the engine's.
const float* numbers(std::size_t count, float most) {
  static std::uint32_t state = 1;
  float* const result = new (std::align_val_t(64)) float[count];
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 1664525 + 1013904223;
    result[i] = most * (static_cast<float>(state >> 8) / 8388608.f - 1.f);
  }
  return result;
}

}  // namespace

int main() {
  const KernelTable& kernels = neon64_kernels();
  const float* const queries = numbers(kItems * kWidth, 1.f);
  const float* const keys = numbers(kItems * kWidth, 1.f);
  const float* const keys_weight = numbers(kWidth * kFirst, 0.2f);
  const float* const product_weight = numbers(kWidth * kFirst, 0.2f);
  const float* const initial = numbers(kItems * kFirst, 0.5f);
  Layer layers[2];
  layers[0].in = kWidth;
  layers[0].out = layers[0].stride = kFirst;
  layers[0].activation.kind = ActivationKind::sigmoid;
  layers[1].weight = numbers(kFirst * kSecondStride, 0.3f);
  layers[1].bias = numbers(kSecondStride, 0.3f);
  layers[1].in = kFirst;
  layers[1].out = kSecond;
  layers[1].stride = kSecondStride;
  layers[1].activation.kind = ActivationKind::sigmoid;
  Output output;
  output.weight = numbers(kSecondStride, 0.5f);
  output.in = kSecond;
  std::vector<float> fold(kWidth * kFirst), scratch(2 * kAttentionBlock * kFirst), logits(kItems);
  std::uint64_t hash = 14695981039346656037u;
  for (std::size_t c = 0; c < kItems; ++c) {
    kernels.fold_query(keys_weight, product_weight, queries + c * kWidth, kWidth, kFirst, fold.data());
    kernels.attention_unit({.keys = keys,
                            .ldk = kWidth,
                            .rows = kItems,
                            .fold = fold.data(),
                            .initial = {.row = initial + c * kFirst},
                            .width = kWidth,
                            .hidden = layers,
                            .hidden_count = 2,
                            .output = &output,
                            .scratch = scratch.data(),
                            .logits = logits.data()});
    for (const float logit : logits) {
      std::uint32_t bits;
      std::memcpy(&bits, &logit, sizeof bits);
      hash = (hash ^ bits) * 1099511628211u;
    }
  }
  std::printf("%016llx %.6f\n", static_cast<unsigned long long>(hash), static_cast<double>(logits[0]));
}
