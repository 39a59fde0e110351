// The loop itself, for the files that compile it with the flags of their ISA.
#pragma once

#include <xsimd/xsimd.hpp>

#include "bench/kernels/peak.h"

namespace dinghy::bench {

/// Twelve chains keep two units busy that take four or five cycles for a multiply-add, and fit into sixteen registers.
template <class Arch>
std::uint64_t run_peak_loop(std::uint64_t rounds, float* result) noexcept {
  using V = xsimd::batch<float, Arch>;
  constexpr int kChains = 12;
  const V factor(0.5f), summand(0.25f);  // towards 0.5: no denormals, no infinities
  V chain[kChains];
  for (int c = 0; c < kChains; ++c) chain[c] = V(static_cast<float>(c));
  for (std::uint64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) chain[c] = xsimd::fma(chain[c], factor, summand);
  }
  V sum = chain[0];
  for (int c = 1; c < kChains; ++c) sum = sum + chain[c];
  *result = xsimd::reduce_add(sum);
  return rounds * kChains * V::size;
}

}  // namespace dinghy::bench
