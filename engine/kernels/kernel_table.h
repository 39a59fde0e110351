// The kernels of one ISA: the operations that scoring is made of, as plain function pointers.
//
// Every ISA fills the same table from the same templates (simd/), compiled once per ISA (isa/). No xsimd here, so that
// the rest of the engine stays free of instruction sets. Buffers of activations have rows of `stride` floats, a
// multiple of 16, so that a kernel may write whole vectors behind the last column; weights are padded with zeros
// likewise (schema/model.fbs, Tensor). No pointer may alias an output unless a kernel says so.
#pragma once

#include <cstddef>
#include <cstdint>

#include "schema/finite.h"
#include "schema/row.h"

namespace dinghy::kernels {

enum class ActivationKind : std::uint8_t { identity, relu, leaky_relu, prelu, sigmoid, tanh, gate, row_gate };

/// The vectors have as many entries as the layer has outputs, padded with zeros to a multiple of 16.
struct Activation {
  ActivationKind kind = ActivationKind::identity;
  float slope = 0;
  float epsilon = 0;
  const float* scale = nullptr;
  const float* shift = nullptr;
  const float* alpha = nullptr;
};

/// y = activation(x * weight + bias): a layer, bound to the numbers of the file.
struct Layer {
  const float* weight = nullptr;  // [in][stride]
  const float* bias = nullptr;    // [stride]; zeros where the file has none
  std::uint32_t in = 0;
  std::uint32_t out = 0;
  std::uint32_t stride = 0;  // out rounded up to a multiple of 16
  Activation activation;
};

/// A layer with one output, its weights as a vector: y = activation(x . weight + bias).
struct Output {
  const float* weight = nullptr;  // [in], padded with zeros to a multiple of 16
  float bias = 0;
  std::uint32_t in = 0;
  Activation activation = {};  // its vectors have one entry
};

/// Where the sums of a product begin: with one vector for all rows (the bias), or with a row of a table that `index`
/// chooses for each row (what other parts of the input already gave).
struct Initial {
  const float* row;
  const std::uint32_t* index = nullptr;  // [rows]: row index[r] of the table `row`[][stride]; null: `row` for all
  std::size_t stride = 0;
};

/// y[rows][ldy] = initial + plus + x[rows][ldx] * weight[in][ldw], for the first `out` columns.
struct Product {
  const float* x;
  std::size_t ldx;
  std::size_t rows;
  const float* weight;
  std::size_t ldw;
  std::size_t in;
  std::size_t out;
  Initial initial;
  float* y;
  std::size_t ldy;
  const float* plus = nullptr;  // [ldw] for all rows; null: nothing
};

/// The local activation unit of one candidate over a behaviour history, its first layer folded for that candidate
/// (docs/design.md, "The folded first layer"): z_t = k_t * fold + initial_t, then the activation and the layers behind
/// it. With the roles swapped it is one behaviour over many candidates.
struct AttentionUnit {
  const float* keys;  // [rows][ldk]
  std::size_t ldk;
  std::size_t rows;
  const float* fold;  // [width][first.stride]
  Initial initial;
  std::size_t width;    // of a key
  const Layer* hidden;  // the hidden layers; the first one's weight and bias are replaced by fold and initial
  std::size_t hidden_count;
  const Output* output;
  float* scratch;               // 2 * kAttentionBlock * (widest hidden stride) floats
  float* logits;                // [rows]
  const float* plus = nullptr;  // of the first layer's product
};

/// y[n] = initial[n] + k * (keys_weight + diag(q[n]) * product_weight): part of the folded first layer of one behaviour
/// and many candidates, with the bits that folding each candidate gives. Each row's initial may lie where its result
/// does.
struct PairProduct {
  const float* q;  // [rows][ldq]
  std::size_t ldq;
  std::size_t rows;
  const float* k;               // [in]
  const float* keys_weight;     // [in][ldw]
  const float* product_weight;  // likewise
  std::size_t ldw;
  std::size_t in;
  std::size_t out;
  Initial initial;
  float* y;  // [rows][ldy]
  std::size_t ldy;
};

/// Behaviours that the local activation unit takes through all its layers at a time: their activations stay in the
/// first-level cache (24 rows of 80 floats are 7.5 KB), and 24 is a multiple of every ISA's tile height.
inline constexpr std::size_t kAttentionBlock = 24;

/// A row of an embedding table as it lies in the file: format::row_bytes(form, width) bytes, not aligned.
struct EncodedRow {
  const std::byte* bytes;
  format::RowForm form;
  std::uint32_t width;
};

/// What rows are made with. `reference` has them too, number by number (reference/rows.cc).
struct RowKernels {
  /// y[i] = a[i] * b[i]; y may be a or b.
  void (*multiply)(const float* a, const float* b, std::size_t n, float* y) noexcept;

  /// x[i] = 1 / (1 + exp(-x[i])) in place, to a few units in the last place also where the result is tiny: the final
  /// probability. (The sigmoid inside `activate` has an absolute error of 2e-7 and is several times faster.)
  void (*probability)(float* x, std::size_t n) noexcept;

  /// The numbers of a row to out[width], and their addition to it.
  void (*decode)(const EncodedRow& row, float* out) noexcept;
  void (*decode_add)(const EncodedRow& row, float* out) noexcept;
};

struct KernelTable {
  const char* isa;

  RowKernels rows;

  void (*product)(const Product& product) noexcept;

  /// In place on rows x columns of y[rows][ldy].
  void (*activate)(const Activation& activation, float* y, std::size_t ldy, std::size_t rows,
                   std::size_t columns) noexcept;

  /// y[r] = activation(x[r][ldx] . weight + bias). Up to 15 numbers behind each row are read, and make no difference.
  void (*output)(const Output& output, const float* x, std::size_t ldx, std::size_t rows, float* y) noexcept;

  /// fold[d][h] = keys_weight[d][h] + q[d] * product_weight[d][h], for width x stride numbers.
  void (*fold_query)(const float* keys_weight, const float* product_weight, const float* q, std::size_t width,
                     std::size_t stride, float* fold) noexcept;

  void (*pair_product)(const PairProduct& product) noexcept;

  /// A unit of width 0 has its sums in `initial`.
  void (*attention_unit)(const AttentionUnit& unit) noexcept;

  /// y[r] = x[r] + row, for rows of `stride` numbers, a multiple of 16; y may be x.
  void (*add_row)(const float* x, std::size_t rows, std::size_t stride, const float* row, float* y) noexcept;

  /// The largest of n >= 1 numbers.
  float (*maximum)(const float* x, std::size_t n) noexcept;

  /// x[i] = exp(x[i] - shift) in place; returns the sum. x[i] <= shift; -infinity gives 0.
  float (*exp_sum)(float* x, std::size_t n, float shift) noexcept;

  /// x[i] *= factor in place.
  void (*scale)(float* x, std::size_t n, float factor) noexcept;
};

}  // namespace dinghy::kernels
