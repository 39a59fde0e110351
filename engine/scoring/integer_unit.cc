#include "engine/scoring/integer_unit.h"

#include <algorithm>

#include "engine/left_out.h"

namespace dinghy::scoring {
namespace {

using kernels::Digits;
using network::FieldGroup;

// 16 bits gain half as much as bytes: on keys narrower than this, less than what quantizing them costs.
constexpr std::size_t kMinInt16Width = 48;

kernels::IntegerRange range_of(const Unit& u, const FieldGroup& of) noexcept {
  return u.digits == Digits::int16 ? kernels::int16_range(of.width) : u.integers->bytes;
}

void quantize(const Unit& u, const FieldGroup& of, Rows keys, std::size_t rows, const IntegerKeys& to) noexcept {
  u.integers->quantize({.x = keys.data,
                        .ldx = keys.stride,
                        .rows = rows,
                        .width = of.width,
                        .factor = of.key_factor,
                        .digits = u.digits,
                        .range = range_of(u, of).row,
                        .words = to.words,
                        .stride = words_of(u, of),
                        .scale = to.scale});
}

/// Integers of some fields' part of the first layer, folded for the candidate `q`.
void fold_integers(const Unit& u, const FieldGroup& of, const float* q, const IntegerScratch& to) noexcept {
  float* end = to.query;
  for (const std::uint32_t f : of.fields) {
    end = std::copy_n(q + u.interest.fields[f].begin, u.interest.fields[f].width, end);
  }
  std::fill(end, to.query + of.rows, 0.f);
  u.integers->fold_query({.keys_weight = of.keys_weight,
                          .product_weight = of.product_weight,
                          .q = to.query,
                          .rows = of.rows,
                          .digits = u.digits,
                          .range = range_of(u, of).weight,
                          .words = words_of(u, of),
                          .stride = u.stride(),
                          .weight = to.fold,
                          .sums = to.sums,
                          .scale = to.fold_scale});
}

}  // namespace

std::size_t words_of(const Unit& u, const FieldGroup& of) noexcept { return kernels::words_of(u.digits, of.width); }

bool in_integers(format::Compute compute, const kernels::Selection& kernels, Integers use,
                 const network::Interest& interest) noexcept {
  if (!kHasIntegers || compute == format::Compute::f32 || use == Integers::never) return false;
  if (kernels.integers == nullptr || interest.score != format::Score::mlp || interest.positions > 0) return false;
  if (compute == format::Compute::int8) return true;
  return kernels.integers->int16_pays && (use == Integers::always || interest.width >= kMinInt16Width);
}

void quantize_keys(const Unit& u, const IntegerScratch& to, KeyPlan& plan) noexcept {
  plan.integers = to.fine;
  plan.coarse_integers = to.coarse;
  quantize(u, u.interest.fine, plan.keys, plan.rows, plan.integers);
  if (plan.coarse_rows > 0) quantize(u, u.interest.coarse, plan.coarse, plan.coarse_rows, plan.coarse_integers);
}

void multiply_integer_coarse(const Unit& u, const KeyPlan& plan, const float* q, const UnitScratch& scratch) noexcept {
  const IntegerScratch& own = scratch.integers;
  fold_integers(u, u.interest.coarse, q, own);
  u.integers->product({.digits = u.digits,
                       .x = plan.coarse_integers.words,
                       .ldx = words_of(u, u.interest.coarse),
                       .x_scale = plan.coarse_integers.scale,
                       .rows = plan.coarse_rows,
                       .weight = own.fold,
                       .stride = u.stride(),
                       .out = u.interest.hidden[0].out,
                       .scale = own.fold_scale,
                       .sums = own.sums,
                       .initial = {scratch.sums.zeros},
                       .y = scratch.sums.coarse_product});
}

void integer_logits(const Unit& u, const KeyPlan& plan, const float* q, kernels::Initial initial,
                    const UnitScratch& scratch) noexcept {
  const IntegerScratch& own = scratch.integers;
  fold_integers(u, u.interest.fine, q, own);
  u.integers->attention_unit({.digits = u.digits,
                              .keys = plan.integers.words,
                              .ldk = words_of(u, u.interest.fine),
                              .key_scale = plan.integers.scale,
                              .rows = plan.rows,
                              .fold = own.fold,
                              .fold_scale = own.fold_scale,
                              .sums = own.sums,
                              .initial = initial,
                              .hidden = u.interest.hidden.begin(),
                              .integer = u.interest.integer_layers.begin(),
                              .hidden_count = u.interest.hidden.size(),
                              .output = &u.interest.output,
                              .scratch = scratch.sums.activations,
                              .words = own.words,
                              .logits = scratch.sums.logits});
}

}  // namespace dinghy::scoring
