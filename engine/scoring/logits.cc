#include "engine/scoring/logits.h"

#include <algorithm>
#include <cstring>

#include "engine/network/position.h"
#include "engine/scoring/candidates.h"
#include "engine/scoring/integer_unit.h"
#include "engine/scoring/key_plan.h"
#include "engine/scoring/queries.h"
#include "engine/scoring/unit.h"
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

/// The local activation unit of all rows of `keys` with the first layer `u.data.fold`.
void run_unit(const Unit& u, const kernels::Layer* hidden, Rows keys, std::size_t rows, std::size_t width,
              kernels::Initial initial, float* logits, const float* plus = nullptr) noexcept {
  u.kernels.attention_unit({.keys = keys.data,
                            .ldk = keys.stride,
                            .rows = rows,
                            .fold = u.data.fold,
                            .initial = initial,
                            .width = width,
                            .hidden = hidden,
                            .hidden_count = u.interest.hidden.size(),
                            .output = &u.interest.output,
                            .scratch = u.data.unit_scratch,
                            .logits = logits,
                            .plus = plus});
}

/// Dot products of a vector with rows; the kernel loads whole vectors, so it gets a copy with zeros behind it.
void run_dot(const Unit& u, const float* vector, Rows rows, std::size_t count, float* logits) noexcept {
  std::fill_n(u.data.padded_vector, u.data.query_stride, 0.f);
  std::copy_n(vector, u.interest.width, u.data.padded_vector);
  const network::Output dot{u.data.padded_vector, 0, static_cast<std::uint32_t>(u.interest.width), {}};
  u.kernels.output(dot, rows.data, rows.stride, count, logits);
}

/// What the coarse fields add to every pair, for the coarse values of one candidate: k_coarse E_coarse(q).
void multiply_coarse(const Unit& u, const KeyPlan& plan, bool integers, const float* q) noexcept {
  if (integers) return multiply_integer_coarse(u, plan, q);
  fold_fields(u, u.interest.coarse, q, u.data.fold);
  u.kernels.product({.x = plan.coarse.data,
                     .ldx = plan.coarse.stride,
                     .rows = plan.coarse_rows,
                     .weight = u.data.fold,
                     .ldw = u.stride(),
                     .in = u.interest.coarse.width,
                     .out = u.interest.hidden[0].out,
                     .initial = {u.data.zeros},
                     .y = u.data.coarse_product,
                     .ldy = u.stride()});
}

/// Logits of one candidate over the plan's rows into unit_logits.
void pair_logits(const Unit& u, const KeyPlan& plan, bool integers, const float* q, const float* initial) noexcept {
  if (!u.is_mlp()) return run_dot(u, q, plan.keys, plan.rows, u.data.unit_logits);
  kernels::Initial first{initial};
  const float* plus = nullptr;
  if (plan.coarse_rows > 0 && (integers || plan.coarse_rows < plan.rows)) {  // few rows to add it to
    u.kernels.add_row(u.data.coarse_product, plan.coarse_rows, u.stride(), initial, u.data.coarse_initial);
    first = {u.data.coarse_initial, plan.coarse_row, u.stride()};
  } else if (plan.coarse_rows > 0) {
    first = {u.data.coarse_product, plan.coarse_row, u.stride()};
    plus = initial;
  }
  if (integers) return integer_logits(u, plan, q, first);
  fold_fields(u, u.interest.fine, q, u.data.fold);
  run_unit(u, u.interest.hidden.begin(), plan.keys, plan.rows, u.interest.fine.width, first, u.data.unit_logits, plus);
}

/// Some rows of the history that follow each other; the padding row lies behind the last behaviour.
struct Span {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// From the plan's rows to the behaviours of `span`.
void store_logits(const Unit& u, const KeyPlan& plan, std::size_t candidate, Span span) noexcept {
  const float* const logits = u.data.unit_logits;
  float* const out = u.store.logits + candidate * u.store.logit_stride + span.first;
  const bool pad = span.first + span.count > u.history.length;
  const std::size_t behaviors = span.count - (pad ? 1 : 0);
  if (pad) u.store.pad_logits[candidate] = logits[plan.behavior == nullptr ? behaviors : plan.behavior[behaviors]];
  if (plan.behavior == nullptr) {
    std::copy_n(logits, behaviors, out);
    return;
  }
  for (std::size_t t = 0; t < behaviors; ++t) out[t] = logits[plan.behavior[t]];
}

/// x * weight + b, which the sums of the first layer begin with, into store.initial: c(q) of the queries, whose weight
/// is Wa + Wc; of one key, whose weight is Wb - Wc, where it is folded in the candidates' place.
void project(const Unit& u, Rows x, std::size_t rows, const float* weight) noexcept {
  const network::Layer& first = u.interest.hidden[0];
  u.kernels.product({.x = x.data,
                     .ldx = x.stride,
                     .rows = rows,
                     .weight = weight,
                     .ldw = first.stride,
                     .in = u.interest.width,
                     .out = first.out,
                     .initial = {first.bias},
                     .y = u.store.initial,
                     .ldy = first.stride});
}

void mark_current(const Unit& u, bool pad) noexcept {
  u.store.epoch = u.history.epoch;
  u.store.first = u.history.first;
  u.store.length = u.history.length;
  u.store.has_pad_logits = pad;
}

/// Logits of one behaviour and every candidate, from unit_logits into column `column`.
void store_column(const Unit& u, std::size_t column) noexcept {
  for (std::size_t n = 0; n < u.data.count; ++n) {
    u.store.logits[n * u.store.logit_stride + column] = u.data.unit_logits[n];
  }
}

/// pair_sums = initial + what some fields of a behaviour give with those of each candidate; where they are then.
kernels::Initial add_pairs(const Unit& u, const network::FieldGroup& of, Rows q, const float* k,
                           kernels::Initial initial) noexcept {
  const std::size_t stride = u.stride();
  for (const std::uint32_t f : of.fields) {
    const network::Field& field = u.interest.fields[f];
    const std::size_t first = field.begin * stride;
    u.kernels.pair_product({.q = q.data + field.begin,
                            .ldq = q.stride,
                            .rows = u.data.count,
                            .k = k + field.begin,
                            .keys_weight = u.interest.keys_weight + first,
                            .product_weight = u.interest.product_weight + first,
                            .ldw = stride,
                            .in = field.width,
                            .out = u.interest.hidden[0].out,
                            .initial = initial,
                            .y = u.data.pair_sums,
                            .ldy = stride});
    initial = {u.data.pair_sums, u.data.identity, stride};
  }
  return initial;
}

/// The pairs of one behaviour, row `t` of the keys, with all candidates: bit for bit what compute_logits gives.
void behavior_logits(const Unit& u, std::size_t t) noexcept {
  const Rows q = queries(u.data, u.interest, u.store);
  const float* const k = u.keys.at(t);
  if (u.is_mlp()) {
    kernels::Initial sums{u.store.initial, u.data.identity, u.stride()};
    if (!u.interest.coarse.fields.empty()) {
      sums = add_pairs(u, u.interest.coarse, q, k, {u.data.zeros});
      u.kernels.add_row(u.data.pair_sums, 1, u.data.count * u.stride(), u.store.initial, u.data.pair_sums);
    }
    sums = add_pairs(u, u.interest.fine, q, k, sums);
    run_unit(u, u.interest.hidden.begin(), q, u.data.count, 0, sums, u.data.unit_logits);
  } else {
    run_dot(u, k, q, u.data.count, u.data.unit_logits);
  }
  store_column(u, t);
}

/// The pairs of the behaviour `k` with all candidates, by layers of its position: the behaviour is folded, and the
/// candidates take the place of the keys.
void position_logits(const Unit& u, const kernels::Layer* hidden, const float* k) noexcept {
  const Rows q = queries(u.data, u.interest, u.store);
  u.kernels.fold_query(u.interest.query_weight, u.interest.product_weight, k, u.interest.width, u.stride(),
                       u.data.fold);
  project(u, {k, u.interest.width}, 1, u.interest.keys_weight);
  run_unit(u, hidden, q, u.data.count, u.interest.width, {u.store.initial}, u.data.unit_logits);
}

/// All pairs where layers depend on the position: behaviour by behaviour, then padding row by padding row, each with
/// its position's layers. Nothing that repeats is shared, and nothing is kept for rescore(): an append may move
/// positions.
void logits_by_position(const Unit& u) noexcept {
  const std::size_t length = u.history.length;
  const format::PadSide side = u.data.network().sequences[u.interest.sequence].pad_side;
  for (std::size_t row = 0; row < length + pads_of(u.interest, u.history); ++row) {
    const std::size_t position = network::position_of(u.interest, side, length, row);
    for (std::size_t l = 0; l < u.interest.hidden.size(); ++l) {
      u.data.layers_at[l] = network::layer_at(u.interest, l, position);
    }
    position_logits(u, u.data.layers_at, u.keys.at(std::min(row, length)));
    store_column(u, row);
  }
}

/// How many of the stored behaviours are still in the history, its first ones; 0 when the logits are of another one.
std::size_t still_valid(const Unit& u) noexcept {
  const std::uint64_t end = u.store.first + u.store.length;
  if (u.store.epoch != u.history.epoch || u.history.first >= end || u.history.first < u.store.first) return 0;
  return static_cast<std::size_t>(end - u.history.first);
}

/// The pairs of the behaviours of `span` with all candidates, folding candidate after candidate.
void candidate_logits(const Unit& u, Span span) noexcept {
  Scorer::Data& data = u.data;
  const Rows q = queries(data, u.interest, u.store);
  const bool integers = in_integers(data, u.interest);
  const KeyPlan plan = plan_keys(data, u.interest, u.history, u.columns, u.keys, span.first, span.count);
  const CandidateOrder order = order_candidates(data, u.interest, plan);
  if (integers) quantize_keys(u, plan);
  std::size_t previous = 0;
  for (std::size_t i = 0; i < data.count; ++i) {
    const std::size_t n = order.candidate == nullptr ? i : order.candidate[i];
    const bool same_query = i > 0 && order.query != nullptr && order.query[n] == order.query[previous];
    const bool same_coarse = i > 0 && order.coarse != nullptr && order.coarse[n] == order.coarse[previous];
    if (!same_query) {
      if (plan.coarse_rows > 0 && !same_coarse) multiply_coarse(u, plan, integers, q.at(n));
      pair_logits(u, plan, integers, q.at(n), u.is_mlp() ? u.store.initial + n * u.stride() : nullptr);
    }
    store_logits(u, plan, n, span);
    previous = n;
  }
}

}  // namespace

void compute_logits(Scorer::Data& data, const UserState::Data& user, std::size_t index) noexcept {
  const Unit u(data, user, index);
  u.store.epoch = 0;
  if (is_empty(u.interest, u.history) || data.count == 0) return;
  if (u.interest.positions > 0) return logits_by_position(u);
  const bool pad = pads_of(u.interest, u.history) > 0;
  const Rows q = queries(data, u.interest, u.store);
  if (u.is_mlp()) project(u, q, data.count, u.interest.query_weight);
  candidate_logits(u, {.first = 0, .count = u.history.length + (pad ? 1 : 0)});
  mark_current(u, pad);
}

void update_logits(Scorer::Data& data, const UserState::Data& user, std::size_t index) noexcept {
  const Unit u(data, user, index);
  const std::size_t valid = still_valid(u);
  const bool pad = pads_of(u.interest, u.history) > 0;
  const std::size_t length = u.history.length;
  // A pair costs nearly twice as much by itself as with a folded candidate: with more than half of them new, start
  // over.
  if (valid == 0 || valid > length || 2 * (length - valid) > length || (pad && !u.store.has_pad_logits)) {
    return compute_logits(data, user, index);
  }
  const std::size_t gone = static_cast<std::size_t>(u.history.first - u.store.first);
  for (std::size_t n = 0; n < data.count && gone > 0; ++n) {
    float* const logits = u.store.logits + n * u.store.logit_stride;
    std::memmove(logits, logits + gone, valid * sizeof(float));
  }
  if (in_integers(data, u.interest)) {  // whose rounding needs a candidate's whole fold
    if (valid < length) candidate_logits(u, {.first = valid, .count = length - valid});
  } else {
    for (std::size_t t = valid; t < length; ++t) behavior_logits(u, t);
  }
  mark_current(u, pad);
}

}  // namespace dinghy::scoring
