#include "engine/scoring/logits.h"

#include <algorithm>
#include <cstring>

#include "engine/network/position.h"
#include "engine/scoring/integer_unit.h"
#include "engine/scoring/weights.h"

namespace dinghy::scoring {
namespace {

/// Rows of the folded first layer for some fields, side by side.
void fold_fields(const Unit& u, const network::FieldGroup& of, const float* q, float* fold) noexcept {
  const std::size_t stride = u.stride();
  for (const std::uint32_t f : of.fields) {
    const network::Field& field = u.interest.fields[f];
    const std::size_t first = field.begin * stride;
    u.kernels.fold_query(u.interest.keys_weight + first, u.interest.product_weight + first, q + field.begin,
                         field.width, stride, fold);
    fold += field.width * stride;
  }
}

/// The local activation unit of all rows of `keys` with the first layer scratch.fold, into scratch.logits.
void run_unit(const Unit& u, const kernels::Layer* hidden, Rows keys, std::size_t rows, std::size_t width,
              kernels::Initial initial, const SumScratch& scratch, const float* plus = nullptr) noexcept {
  u.kernels.attention_unit({.keys = keys.data,
                            .ldk = keys.stride,
                            .rows = rows,
                            .fold = scratch.fold,
                            .initial = initial,
                            .width = width,
                            .hidden = hidden,
                            .hidden_count = u.interest.hidden.size(),
                            .output = &u.interest.output,
                            .scratch = scratch.activations,
                            .logits = scratch.logits,
                            .plus = plus});
}

/// Dot products of a vector with rows, into scratch.logits; the kernel loads whole vectors, so it gets a copy with
/// zeros behind it.
void run_dot(const Unit& u, const float* vector, Rows rows, std::size_t count, const SumScratch& scratch) noexcept {
  std::fill_n(scratch.vector, scratch.vector_width, 0.f);
  std::copy_n(vector, u.interest.width, scratch.vector);
  const network::Output dot{.weight = scratch.vector, .in = static_cast<std::uint32_t>(u.interest.width)};
  u.kernels.output(dot, rows.data, rows.stride, count, scratch.logits);
}

/// What the coarse fields add to every pair, for the coarse values of one candidate: k_coarse E_coarse(q).
void multiply_coarse(const Unit& u, const KeyPlan& plan, const float* q, const UnitScratch& scratch) noexcept {
  if (u.integers != nullptr) return multiply_integer_coarse(u, plan, q, scratch);
  fold_fields(u, u.interest.coarse, q, scratch.sums.fold);
  u.kernels.product({.x = plan.coarse.data,
                     .ldx = plan.coarse.stride,
                     .rows = plan.coarse_rows,
                     .weight = scratch.sums.fold,
                     .ldw = u.stride(),
                     .in = u.interest.coarse.width,
                     .out = u.interest.hidden[0].out,
                     .initial = {scratch.sums.zeros},
                     .y = scratch.sums.coarse_product,
                     .ldy = u.stride()});
}

/// Logits of one candidate over the plan's rows, into scratch.sums.logits. `initial`: c(q).
void pair_logits(const Unit& u, const KeyPlan& plan, const float* q, const float* initial,
                 const UnitScratch& scratch) noexcept {
  const SumScratch& sums = scratch.sums;
  if (!u.is_mlp()) return run_dot(u, q, plan.keys, plan.rows, sums);
  kernels::Initial first{initial};
  const float* plus = nullptr;
  if (plan.coarse_rows > 0 && (u.integers != nullptr || plan.coarse_rows < plan.rows)) {  // few rows to add it to
    u.kernels.add_row(sums.coarse_product, plan.coarse_rows, u.stride(), initial, sums.coarse_initial);
    first = {sums.coarse_initial, plan.coarse_row, u.stride()};
  } else if (plan.coarse_rows > 0) {
    first = {sums.coarse_product, plan.coarse_row, u.stride()};
    plus = initial;
  }
  if (u.integers != nullptr) return integer_logits(u, plan, q, first, scratch);
  fold_fields(u, u.interest.fine, q, sums.fold);
  run_unit(u, u.interest.hidden.begin(), plan.keys, plan.rows, u.interest.fine.width, first, sums, plus);
}

/// Some rows of the history that follow each other; the padding row lies behind the last behaviour.
struct Span {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// From the plan's rows to the behaviours of `span`.
void store_logits(const Unit& u, const KeyPlan& plan, const float* logits, std::size_t candidate, Span span,
                  InterestStore& store) noexcept {
  float* const out = store.logits + candidate * store.logit_stride + span.first;
  const bool pad = span.first + span.count > u.history.length;
  const std::size_t behaviors = span.count - (pad ? 1 : 0);
  if (pad) store.pad_logits[candidate] = logits[plan.behavior == nullptr ? behaviors : plan.behavior[behaviors]];
  if (plan.behavior == nullptr) {
    std::copy_n(logits, behaviors, out);
    return;
  }
  for (std::size_t t = 0; t < behaviors; ++t) out[t] = logits[plan.behavior[t]];
}

/// initial = x * weight + b, which the sums of the first layer begin with: c(q) of the queries, whose weight is Wa +
/// Wc; of one key, whose weight is Wb - Wc, where it is folded in the candidates' place.
void project(const Unit& u, Rows x, std::size_t rows, const float* weight, float* initial) noexcept {
  const network::Layer& first = u.interest.hidden[0];
  u.kernels.product({.x = x.data,
                     .ldx = x.stride,
                     .rows = rows,
                     .weight = weight,
                     .ldw = first.stride,
                     .in = u.interest.width,
                     .out = first.out,
                     .initial = {first.bias},
                     .y = initial,
                     .ldy = first.stride});
}

void mark_current(const network::History& history, bool pad, InterestStore& store) noexcept {
  store.epoch = history.epoch;
  store.first = history.first;
  store.length = history.length;
  store.has_pad_logits = pad;
}

/// Logits of one behaviour and every candidate into column `column`.
void store_column(const float* logits, std::size_t candidates, std::size_t column, InterestStore& store) noexcept {
  for (std::size_t n = 0; n < candidates; ++n) store.logits[n * store.logit_stride + column] = logits[n];
}

/// scratch.pairs = initial + what some fields of a behaviour give with those of each candidate; where they are then.
kernels::Initial add_pairs(const Unit& u, const network::FieldGroup& of, const float* k, kernels::Initial initial,
                           const SumScratch& scratch) noexcept {
  const std::size_t stride = u.stride();
  for (const std::uint32_t f : of.fields) {
    const network::Field& field = u.interest.fields[f];
    const std::size_t first = field.begin * stride;
    u.kernels.pair_product({.q = u.queries.data + field.begin,
                            .ldq = u.queries.stride,
                            .rows = u.candidates.count,
                            .k = k + field.begin,
                            .keys_weight = u.interest.keys_weight + first,
                            .product_weight = u.interest.product_weight + first,
                            .ldw = stride,
                            .in = field.width,
                            .out = u.interest.hidden[0].out,
                            .initial = initial,
                            .y = scratch.pairs,
                            .ldy = stride});
    initial = {scratch.pairs, scratch.identity, stride};
  }
  return initial;
}

/// The pairs of one behaviour, row `t` of the keys, with all candidates: bit for bit what compute_logits gives.
void behavior_logits(const Unit& u, std::size_t t, InterestStore& store, const SumScratch& scratch) noexcept {
  const std::size_t count = u.candidates.count;
  const float* const k = u.keys.at(t);
  if (u.is_mlp()) {
    kernels::Initial sums{store.initial, scratch.identity, u.stride()};
    if (!u.interest.coarse.fields.empty()) {
      sums = add_pairs(u, u.interest.coarse, k, {scratch.zeros}, scratch);
      u.kernels.add_row(scratch.pairs, 1, count * u.stride(), store.initial, scratch.pairs);
    }
    sums = add_pairs(u, u.interest.fine, k, sums, scratch);
    run_unit(u, u.interest.hidden.begin(), u.queries, count, 0, sums, scratch);
  } else {
    run_dot(u, k, u.queries, count, scratch);
  }
  store_column(scratch.logits, count, t, store);
}

/// The pairs of the behaviour `k` with all candidates, by layers of its position, into scratch.logits: the behaviour is
/// folded, and the candidates take the place of the keys. `initial`: for c(k).
void position_logits(const Unit& u, const kernels::Layer* hidden, const float* k, float* initial,
                     const SumScratch& scratch) noexcept {
  u.kernels.fold_query(u.interest.query_weight, u.interest.product_weight, k, u.interest.width, u.stride(),
                       scratch.fold);
  project(u, {k, u.interest.width}, 1, u.interest.keys_weight, initial);
  run_unit(u, hidden, u.queries, u.candidates.count, u.interest.width, {initial}, scratch);
}

/// All pairs where layers depend on the position: behaviour by behaviour, then padding row by padding row, each with
/// its position's layers. Nothing that repeats is shared, and nothing is kept for rescore(): an append may move
/// positions.
void logits_by_position(const Unit& u, InterestStore& store, const SumScratch& scratch) noexcept {
  const std::size_t length = u.history.length;
  for (std::size_t row = 0; row < length + pads_of(u.interest, u.history); ++row) {
    const std::size_t position = network::position_of(u.interest, u.sequence.pad_side, length, row);
    for (std::size_t l = 0; l < u.interest.hidden.size(); ++l) {
      scratch.layers_at[l] = network::layer_at(u.interest, l, position);
    }
    position_logits(u, scratch.layers_at, u.keys.at(std::min(row, length)), store.initial, scratch);
    store_column(scratch.logits, u.candidates.count, row, store);
  }
}

/// How many of the stored behaviours are still in the history, its first ones; 0 when the logits are of another one.
std::size_t still_valid(const network::History& history, const InterestStore& store) noexcept {
  const std::uint64_t end = store.first + store.length;
  if (store.epoch != history.epoch || history.first >= end || history.first < store.first) return 0;
  return static_cast<std::size_t>(end - history.first);
}

/// The behaviours of `span`, as a plan takes them.
Behaviors behaviors_of(const Unit& u, Span span) noexcept {
  const std::size_t columns = u.sequence.features.size();
  return {.keys = {u.keys.at(span.first), u.keys.stride},
          .tokens = u.history.tokens + span.first * columns,
          .columns = columns,
          .count = span.count};
}

/// The pairs of the behaviours of `span` with all candidates, folding candidate after candidate.
void candidate_logits(const Unit& u, Span span, InterestStore& store, const UnitScratch& scratch) noexcept {
  const std::size_t count = u.candidates.count;
  const KeyPlan plan = plan_keys(u.interest, behaviors_of(u, span), count, scratch.plan, scratch.distinct);
  const CandidateOrder order = order_candidates(u.interest, u.candidates, plan, scratch.order, scratch.distinct);
  if (u.integers != nullptr) quantize_keys(u, plan, scratch.integers);
  std::size_t previous = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t n = order.candidate == nullptr ? i : order.candidate[i];
    const bool same_query = i > 0 && order.query != nullptr && order.query[n] == order.query[previous];
    const bool same_coarse = i > 0 && order.coarse != nullptr && order.coarse[n] == order.coarse[previous];
    if (!same_query) {
      const float* const q = u.queries.at(n);
      if (plan.coarse_rows > 0 && !same_coarse) multiply_coarse(u, plan, q, scratch);
      pair_logits(u, plan, q, u.is_mlp() ? store.initial + n * u.stride() : nullptr, scratch);
    }
    store_logits(u, plan, scratch.sums.logits, n, span, store);
    previous = n;
  }
}

}  // namespace

void compute_logits(const Unit& u, InterestStore& store, const UnitScratch& scratch) noexcept {
  store.epoch = 0;
  if (is_empty(u.interest, u.history) || u.candidates.count == 0) return;
  if (u.interest.positions > 0) return logits_by_position(u, store, scratch.sums);
  const bool pad = pads_of(u.interest, u.history) > 0;
  if (u.is_mlp()) project(u, u.queries, u.candidates.count, u.interest.query_weight, store.initial);
  candidate_logits(u, {.first = 0, .count = u.history.length + (pad ? 1 : 0)}, store, scratch);
  mark_current(u.history, pad, store);
}

void update_logits(const Unit& u, InterestStore& store, const UnitScratch& scratch) noexcept {
  const std::size_t valid = still_valid(u.history, store);
  const bool pad = pads_of(u.interest, u.history) > 0;
  const std::size_t length = u.history.length;
  // A pair costs nearly twice as much by itself as with a folded candidate: with more than half of them new, start
  // over.
  if (valid == 0 || valid > length || 2 * (length - valid) > length || (pad && !store.has_pad_logits)) {
    return compute_logits(u, store, scratch);
  }
  const std::size_t gone = static_cast<std::size_t>(u.history.first - store.first);
  for (std::size_t n = 0; n < u.candidates.count && gone > 0; ++n) {
    float* const logits = store.logits + n * store.logit_stride;
    std::memmove(logits, logits + gone, valid * sizeof(float));
  }
  if (u.integers != nullptr) {  // whose rounding needs a candidate's whole fold
    if (valid < length) candidate_logits(u, {.first = valid, .count = length - valid}, store, scratch);
  } else {
    for (std::size_t t = valid; t < length; ++t) behavior_logits(u, t, store, scratch.sums);
  }
  mark_current(u.history, pad, store);
}

}  // namespace dinghy::scoring
