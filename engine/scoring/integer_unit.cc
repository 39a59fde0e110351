#include "engine/scoring/integer_unit.h"

#include <algorithm>

#include "engine/left_out.h"

namespace dinghy::scoring {
namespace {

using kernels::Digits;
using network::FieldGroup;

// 16 bits gain half as much as bytes: on keys narrower than this, less than what quantizing them costs.
constexpr std::size_t kMinInt16Width = 48;

Digits digits_of(const Unit& u) noexcept { return u.data.network().digits(); }

kernels::IntegerRange range_of(const Unit& u, const FieldGroup& of) noexcept {
  return digits_of(u) == Digits::int16 ? kernels::int16_range(of.width) : u.data.kernels.integers->bytes;
}

std::size_t words_of(const Unit& u, const FieldGroup& of) noexcept { return kernels::words_of(digits_of(u), of.width); }

void quantize(const Unit& u, const FieldGroup& of, Rows keys, std::size_t rows,
              const Scorer::Data::IntegerKeys& to) noexcept {
  u.data.kernels.integers->quantize({.x = keys.data,
                                     .ldx = keys.stride,
                                     .rows = rows,
                                     .width = of.width,
                                     .factor = of.key_factor,
                                     .digits = digits_of(u),
                                     .range = range_of(u, of).row,
                                     .words = to.words,
                                     .stride = words_of(u, of),
                                     .scale = to.scale});
}

/// Integers of some fields' part of the first layer, folded for the candidate `q`.
void fold_integers(const Unit& u, const FieldGroup& of, const float* q) noexcept {
  const Scorer::Data::IntegerScratch& own = u.data.integers;
  float* end = own.query;
  for (const std::uint32_t f : of.fields) {
    end = std::copy_n(q + u.interest.fields[f].begin, u.interest.fields[f].width, end);
  }
  std::fill(end, own.query + of.rows, 0.f);
  u.data.kernels.integers->fold_query({.keys_weight = of.keys_weight,
                                       .product_weight = of.product_weight,
                                       .q = own.query,
                                       .rows = of.rows,
                                       .digits = digits_of(u),
                                       .range = range_of(u, of).weight,
                                       .words = words_of(u, of),
                                       .stride = u.stride(),
                                       .weight = own.fold,
                                       .sums = own.sums,
                                       .scale = own.fold_scale});
}

}  // namespace

bool in_integers(const Scorer::Data& data, const network::Interest& interest) noexcept {
  const format::Compute compute = data.network().compute;
  const kernels::IntegerKernels* const kernels = data.kernels.integers;
  if (!kHasIntegers || compute == format::Compute::f32 || data.integer_use == Integers::never) return false;
  if (kernels == nullptr || interest.score != format::Score::mlp || interest.positions > 0) return false;
  if (compute == format::Compute::int8) return true;
  return kernels->int16_pays && (data.integer_use == Integers::always || interest.width >= kMinInt16Width);
}

void quantize_keys(const Unit& u, const KeyPlan& plan) noexcept {
  quantize(u, u.interest.fine, plan.keys, plan.rows, u.data.integers.fine);
  if (plan.coarse_rows > 0) quantize(u, u.interest.coarse, plan.coarse, plan.coarse_rows, u.data.integers.coarse);
}

void multiply_integer_coarse(const Unit& u, const KeyPlan& plan, const float* q) noexcept {
  const Scorer::Data::IntegerScratch& own = u.data.integers;
  fold_integers(u, u.interest.coarse, q);
  u.data.kernels.integers->product({.digits = digits_of(u),
                                    .x = own.coarse.words,
                                    .ldx = words_of(u, u.interest.coarse),
                                    .x_scale = own.coarse.scale,
                                    .rows = plan.coarse_rows,
                                    .weight = own.fold,
                                    .stride = u.stride(),
                                    .out = u.interest.hidden[0].out,
                                    .scale = own.fold_scale,
                                    .sums = own.sums,
                                    .initial = {u.data.zeros},
                                    .y = u.data.coarse_product});
}

void integer_logits(const Unit& u, const KeyPlan& plan, const float* q, kernels::Initial initial) noexcept {
  const Scorer::Data::IntegerScratch& own = u.data.integers;
  fold_integers(u, u.interest.fine, q);
  u.data.kernels.integers->attention_unit({.digits = digits_of(u),
                                           .keys = own.fine.words,
                                           .ldk = words_of(u, u.interest.fine),
                                           .key_scale = own.fine.scale,
                                           .rows = plan.rows,
                                           .fold = own.fold,
                                           .fold_scale = own.fold_scale,
                                           .sums = own.sums,
                                           .initial = initial,
                                           .hidden = u.interest.hidden.begin(),
                                           .integer = u.interest.integer_layers.begin(),
                                           .hidden_count = u.interest.hidden.size(),
                                           .output = &u.interest.output,
                                           .scratch = u.data.unit_scratch,
                                           .words = own.scratch,
                                           .logits = u.data.unit_logits});
}

}  // namespace dinghy::scoring
