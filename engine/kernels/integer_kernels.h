// The integer kernels of one ISA: products of small integers with exact sums, for the local activation unit
// (docs/design.md, "Integers").
//
// A number x becomes an integer n with a scale, x = scale * n. Two integers of 16 bits, or four of 8, lie side by side
// in a word of 32 bits, which a lane of a vector multiplies and sums at a time. A row of `width` numbers is words_of()
// words, zeros behind the last number. The weight of a layer is [words_of(in)][stride] words: word (s, h) holds the
// weights of output h for the inputs that word s of a row holds.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/kernel_table.h"

namespace dinghy::kernels {

enum class Digits : std::uint8_t { int16, int8 };

constexpr std::size_t per_word(Digits digits) noexcept { return digits == Digits::int16 ? 2 : 4; }

/// Words of a row of `width` numbers: a multiple of four, the most that a kernel takes at once.
constexpr std::size_t words_of(Digits digits, std::size_t width) noexcept {
  return (width + 4 * per_word(digits) - 1) / (4 * per_word(digits)) * 4;
}

/// The largest magnitudes of a row's integers and of a weight's for which no sum can overflow.
struct IntegerRange {
  std::int32_t row = 0;
  std::int32_t weight = 0;
};

/// Of 16 bits, on every ISA: width * range^2 < 2^31, the same for rows and weights, so that neither rounds much more
/// than the other. 4095 for 128 numbers.
IntegerRange int16_range(std::size_t width) noexcept;

/// A largest number below this counts as zero: what is divided by it must be finite.
inline constexpr float kLeastLargest = 1e-30f;

/// What bytes may be on every ISA.
inline constexpr IntegerRange kLeastBytes = {63, 63};

/// Integers to come from rows of floats: n = round(x * factor * range / largest of the row).
struct Quantization {
  const float* x;  // [rows][ldx]; up to 15 numbers behind a row are read
  std::size_t ldx;
  std::size_t rows;
  std::size_t width;
  const float* factor;  // [width], zeros behind it to a multiple of 16
  Digits digits;
  std::int32_t range;
  std::int32_t* words;  // [rows][stride], and up to 64 bytes behind the last row
  std::size_t stride;   // words_of(digits, width)
  float* scale;         // [rows + kAttentionBlock] largest / range; 0 for a row of zeros. Those behind the last row are
                        // zeros: a product computes whole tiles, whose padding must not be what memory happened to hold
};

/// The folded first layer of a candidate in integers, each output with a scale of its own: of
/// E = keys_weight + diag(q) product_weight, weight = round(E / scale) and scale[h] = the largest |E[d][h]| / range.
struct IntegerFold {
  const float* keys_weight;  // in panels of a cache line of columns: [stride / 16][rows][16], on a cache line
  const float* product_weight;
  const float* q;    // [rows]
  std::size_t rows;  // whole words, with zeros
  Digits digits;
  std::int32_t range;
  std::size_t words;  // words_of(digits, rows)
  std::size_t stride;
  std::int32_t* weight;  // [words][stride]
  std::int32_t* sums;    // [stride] the sum of each column's integers; of int8
  float* scale;          // [stride]; 0 for a column of zeros
};

/// y[r][h] = initial + x_scale[r] * scale[h] * (sum of x's integers times weight's), for whole tiles of rows:
/// rows of x, of its scales and of y are read and written up to kAttentionBlock behind the first. Only the first `out`
/// columns are computed, in whole vectors.
struct IntegerProduct {
  Digits digits;
  const std::int32_t* x;  // [rows][ldx] words
  std::size_t ldx;
  const float* x_scale;  // [rows], zeros behind them as Quantization leaves them
  std::size_t rows;
  const std::int32_t* weight;
  std::size_t stride;  // of weight and y
  std::size_t out;
  const float* scale;        // [stride]
  const std::int32_t* sums;  // [stride] of the weight's columns; int8 only
  Initial initial;           // as in Product
  float* y;                  // [rows][stride]
};

/// A hidden layer with a weight of integers.
struct IntegerLayer {
  const std::int32_t* weight = nullptr;  // [words_of(digits, in)][stride]
  const float* scale = nullptr;          // [stride]
  const std::int32_t* sums = nullptr;    // [stride] of the weight's columns
  const float* factor = nullptr;         // [padded in] of its input's columns, zeros behind them
  std::int32_t range = 0;                // of its input's integers, where they have 16 bits
};

/// AttentionUnit with the products of hidden layers in integers.
struct IntegerUnit {
  Digits digits;
  const std::int32_t* keys;  // [rows + kAttentionBlock][ldk] words
  std::size_t ldk;
  const float* key_scale;  // [rows + kAttentionBlock]
  std::size_t rows;
  const std::int32_t* fold;  // IntegerFold::weight
  const float* fold_scale;   // [first.stride]
  const std::int32_t* sums;  // IntegerFold::sums
  Initial initial;
  const Layer* hidden;          // as in AttentionUnit; weights behind the first are not read
  const IntegerLayer* integer;  // [hidden_count]; the first is not read
  std::size_t hidden_count;
  const Output* output;
  float* scratch;       // 2 * kAttentionBlock * (widest hidden stride) floats
  std::int32_t* words;  // kAttentionBlock * words_of(digits, widest hidden stride), and 64 bytes
  float* logits;        // [rows]
};

struct IntegerKernels {
  /// What the ISA's bytes may be; at least kLeastBytes.
  IntegerRange bytes;

  /// Whether 16 bits are faster than floats.
  bool int16_pays;

  void (*quantize)(const Quantization& quantization) noexcept;
  void (*fold_query)(const IntegerFold& fold) noexcept;
  void (*product)(const IntegerProduct& product) noexcept;
  void (*attention_unit)(const IntegerUnit& unit) noexcept;
};

}  // namespace dinghy::kernels
