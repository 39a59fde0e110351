#include "engine/scoring/logits.h"

#include <algorithm>
#include <cstring>

#include "engine/network/position.h"
#include "engine/scoring/candidate_logits.h"
#include "engine/scoring/float_unit.h"
#include "engine/scoring/known_pairs.h"
#include "engine/scoring/weights.h"

namespace dinghy::scoring {
namespace {

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

/// The pairs of one behaviour, row `t` of the keys, with all candidates, into scratch.logits: bit for bit what
/// compute_logits gives.
void compute_column(const Unit& u, std::size_t t, InterestStore& store, const SumScratch& scratch) noexcept {
  const std::size_t count = u.candidates.count;
  const float* const k = u.keys.at(t);
  if (u.is_mlp()) {
    multiply_queries(u, store);
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
}

/// The same as far as the memo knows them; false where one is missing.
bool find_column(KnownPairs& known, std::size_t candidates, float* logits) noexcept {
  if (!known.asks_all()) return false;
  for (std::size_t n = 0; n < candidates; ++n) known.expect(n);
  std::size_t missing = 0;
  for (std::size_t n = 0; n < candidates; ++n) {
    missing += known.find(n);
    logits[n] = known.logits()[0];
  }
  return missing == 0;
}

/// The pairs of one behaviour with all candidates, found or computed.
void behavior_logits(const Unit& u, std::size_t t, InterestStore& store, const UnitScratch& scratch) noexcept {
  const std::size_t count = u.candidates.count;
  float* const logits = scratch.sums.logits;
  KnownPairs known(u, behaviors_of(u, {.first = t, .count = 1}), {.rows = 1}, {}, scratch.memo);
  if (!find_column(known, count, logits)) {
    compute_column(u, t, store, scratch.sums);
    for (std::size_t n = 0; n < count && known.asks_all(); ++n) known.keep(n, 1, logits + n);
  }
  store_column(logits, count, t, store);
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

}  // namespace

void compute_logits(const Unit& u, InterestStore& store, const UnitScratch& scratch) noexcept {
  store.epoch = 0;
  store.has_initial = false;
  if (is_empty(u.interest, u.history) || u.candidates.count == 0) return;
  if (u.interest.positions > 0) return logits_by_position(u, store, scratch.sums);
  const bool pad = pads_of(u.interest, u.history) > 0;
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
    for (std::size_t t = valid; t < length; ++t) behavior_logits(u, t, store, scratch);
  }
  mark_current(u.history, pad, store);
}

}  // namespace dinghy::scoring
