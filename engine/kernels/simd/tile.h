// What products keep in registers, and how an ISA multiplies a vector of the weight by a number of x.
#pragma once

#include <xsimd/xsimd.hpp>

#include "engine/kernels/kernel_table.h"

namespace dinghy::kernels::simd {

/// Makes the compiler let go of the vector's last value: g++ 12 would keep the sums of this step and of the last in
/// registers, and spill half of them; 55 instead of 83 G multiply-adds a second on AVX2 (of bytes).
template <class Register>
[[gnu::always_inline]] inline void keep([[maybe_unused]] Register& vector) noexcept {
#if defined(__aarch64__) || defined(__arm__)
  asm("" : "+w"(vector));
#elif defined(__x86_64__) || defined(__i386__)
  asm("" : "+v"(vector));
#endif
}

/// sum += x * weight, for the first p.in / kNumbers * kNumbers numbers of each row of x: each in every lane of a
/// register.
template <class Arch>
struct ByBroadcast {
  using V = xsimd::batch<float, Arch>;
  static constexpr int kNumbers = 1;
  template <int kRows, int kVectors>
  [[gnu::always_inline]] static void add(const Product& p, const float* x, const float* weight,
                                         V (&sum)[kRows][kVectors]) noexcept {
    for (std::size_t i = 0; i < p.in; ++i) {
      V w[kVectors];
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) w[v] = V::load_unaligned(weight + i * p.ldw + v * V::size);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const V a(x[r * p.ldx + i]);
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) sum[r][v] = xsimd::fma(a, w[v], sum[r][v]);
      }
    }
  }
};

/// How products of several rows do it.
template <class Arch>
struct Multiply : ByBroadcast<Arch> {};

/// How many rows and vectors of y one tile keeps in registers: the accumulators, one row of the weight and one
/// register of x have to fit. Sixteen registers hold 6 x 2 + 2 + 1; thirty-two hold 12 x 2 or, of narrow ones, 6 x 4.
template <class Arch>
struct Tile {
  static constexpr int kRows = 6;
  static constexpr int kVectors = 2;
};

#if defined(__AVX512F__)
template <>
struct Tile<xsimd::avx512bw> {
  static constexpr int kRows = 12;
  static constexpr int kVectors = 2;
};
#endif

#if defined(__aarch64__)
/// Four numbers of a row in one register, of which the multiply-add takes one: a broadcast would take as long as
/// another.
template <>
struct Multiply<xsimd::neon64> {
  using V = xsimd::batch<float, xsimd::neon64>;
  static constexpr int kNumbers = 4;
  template <int kRows, int kVectors>
  [[gnu::always_inline]] static void add(const Product& p, const float* x, const float* weight,
                                         V (&sum)[kRows][kVectors]) noexcept {
    std::size_t in = p.in;
    const std::size_t ldx = p.ldx, ldw = p.ldw;
    for (; in >= kNumbers; in -= kNumbers, x += kNumbers, weight += kNumbers * ldw) {
      V numbers[kRows];
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) numbers[r] = V::load_unaligned(x + r * ldx);
      add_lanes<0>(numbers, weight, ldw, sum);
    }
  }

 private:
  template <int kLane, int kRows, int kVectors>
  [[gnu::always_inline]] static void add_lanes(const V (&numbers)[kRows], const float* weight, std::size_t ldw,
                                               V (&sum)[kRows][kVectors]) noexcept {
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const V w = V::load_unaligned(weight + v * V::size);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        sum[r][v] = vfmaq_laneq_f32(sum[r][v], w, numbers[r], kLane);
#if !defined(__clang__)  // g++ copies some into other registers at each step
        if constexpr (kLane == 3) keep(sum[r][v].data);
#endif
      }
    }
    if constexpr (kLane < 3) add_lanes<kLane + 1>(numbers, weight + ldw, ldw, sum);
  }
};

/// Each row has a register of x: 6 x 4 + 6 leave two for the weight. g++ 12 loads a whole row of it ahead, and would
/// spill sums.
template <>
struct Tile<xsimd::neon64> {
  static constexpr int kRows = 6;
#if defined(__clang__)
  static constexpr int kVectors = 4;
#else
  static constexpr int kVectors = 3;
#endif
};
#endif

}  // namespace dinghy::kernels::simd
