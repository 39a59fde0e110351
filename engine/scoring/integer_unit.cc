#include "engine/scoring/integer_unit.h"

#include <algorithm>

namespace dinghy::scoring {
namespace {

using kernels::Digits;
using kernels::kLeastLargest;

// Below these sizes quantizing costs more than the products gain; 16 bits gain half as much on narrow keys.
constexpr std::size_t kMinIntegerCandidates = 8;
constexpr std::size_t kMinIntegerBehaviors = 16;
constexpr std::size_t kMinInt16Width = 48;

Digits digits_of(const Unit& u) noexcept { return u.data.network().digits(); }

kernels::IntegerRange range_of(const Unit& u, const KeyPlan& plan) noexcept {
  return digits_of(u) == Digits::int16 ? kernels::int16_range(plan.direct->width) : u.data.kernels.integers->bytes;
}

std::size_t words_of(const Unit& u, const KeyPlan& plan) noexcept {
  return kernels::words_of(digits_of(u), plan.direct->width);
}

/// f(field, where it begins among the plan's direct fields), for each of those.
template <class F>
void for_each_direct(const Unit& u, const KeyPlan& plan, F f) noexcept {
  std::size_t begin = 0;
  for (const std::uint32_t number : plan.direct->fields) {
    const network::Field& field = u.interest.fields[number];
    f(field, begin);
    begin += field.width;
  }
}

}  // namespace

bool use_integers(const Unit& u, std::size_t behaviors) noexcept {
  if (u.data.integers.keys == nullptr || !u.is_mlp()) return false;
  if (u.data.integer_use == Integers::always) return true;
  if (digits_of(u) == Digits::int16 && u.interest.fine.width < kMinInt16Width) return false;
  return u.data.count >= kMinIntegerCandidates && behaviors >= kMinIntegerBehaviors;
}

void make_integers(const Unit& u, const KeyPlan& plan, Rows queries) noexcept {
  const kernels::IntegerKernels& kernels = *u.data.kernels.integers;
  Scorer::Data::IntegerScratch& to = u.data.integers;
  const network::Interest& interest = u.interest;
  const kernels::IntegerRange range = range_of(u, plan);
  const std::size_t stride = u.stride(), width = plan.direct->width, words = words_of(u, plan);
  const std::size_t numbers = words * kernels::per_word(digits_of(u)), end = network::padded(width);

  // A scale for every column of the keys, which goes into the rows of the fold.
  kernels.column_largest(plan.keys.data, plan.keys.stride, plan.rows, width, to.key_largest);
  for (std::size_t d = 0; d < width; ++d)
    to.key_factor[d] = to.key_largest[d] < kLeastLargest ? 0 : 1 / to.key_largest[d];
  std::fill(to.key_factor + width, to.key_factor + end, 0.f);
  kernels.quantize({plan.keys.data, plan.keys.stride, plan.rows, width, to.key_factor, digits_of(u), range.row, to.keys,
                    words, to.key_scale});

  // One for every column of the fold, for all candidates: the largest that it can be.
  std::fill_n(to.fold_scale, stride, 0.f);
  for_each_direct(u, plan, [&](const network::Field& field, std::size_t begin) {
    const std::size_t first = field.begin * stride;
    kernels.column_largest(queries.data + field.begin, queries.stride, u.data.count, field.width,
                           to.query_largest + begin);
    kernels.bound_fold(interest.keys_weight + first, interest.product_weight + first, to.key_largest + begin,
                       to.query_largest + begin, field.width, stride, to.fold_scale);
  });
  for (std::size_t h = 0; h < stride; ++h) {
    const float bound = to.fold_scale[h], most = static_cast<float>(range.weight);
    to.fold_factor[h] = bound < kLeastLargest ? 0 : most / bound;
    to.fold_scale[h] = bound / most;
  }
  for_each_direct(u, plan, [&](const network::Field& field, std::size_t begin) {
    const std::size_t first = field.begin * stride, at = begin * stride;
    const float* const row = to.key_largest + begin;
    kernels.scale_weight(interest.keys_weight + first, row, to.fold_factor, field.width, stride, to.keys_weight + at);
    kernels.scale_weight(interest.product_weight + first, row, to.fold_factor, field.width, stride,
                         to.product_weight + at);
  });
  for (float* weight : {to.keys_weight, to.product_weight}) {
    std::fill(weight + width * stride, weight + numbers * stride, 0.f);
  }
  std::fill(to.query + width, to.query + end, 0.f);
}

void integer_logits(const Unit& u, const KeyPlan& plan, const float* q, kernels::Initial initial,
                    float* logits) noexcept {
  const Scorer::Data::IntegerScratch& own = u.data.integers;
  const Digits digits = digits_of(u);
  const std::size_t words = words_of(u, plan);
  for_each_direct(u, plan, [&](const network::Field& field, std::size_t begin) {
    std::copy_n(q + field.begin, field.width, own.query + begin);
  });
  u.data.kernels.integers->fold_query(
      {own.keys_weight, own.product_weight, own.query, digits, words, u.stride(), own.fold, own.sums});
  u.data.kernels.integers->attention_unit({digits, own.keys, words, own.key_scale, plan.rows, own.fold, own.fold_scale,
                                           own.sums, initial, u.interest.hidden.begin(),
                                           u.interest.integer_layers.begin(), u.interest.hidden.size(),
                                           &u.interest.output, u.data.unit_scratch, own.scratch, logits});
}

}  // namespace dinghy::scoring
