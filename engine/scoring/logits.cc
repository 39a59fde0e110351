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

/// Rows of the folded first layer for the fields [begin, end) of the plan, packed as the plan packs the keys.
void fold_fields(const Unit& u, const KeyPlan& plan, std::size_t begin, std::size_t end, const float* q,
                 float* fold) noexcept {
  const std::size_t stride = u.stride();
  for (std::size_t i = begin; i < end; ++i) {
    const network::Field& field = u.interest.fields[plan.fields[i]];
    const std::size_t first = field.begin * stride;
    u.kernels.fold_query(u.interest.keys_weight + first, u.interest.product_weight + first, q + field.begin,
                         field.width, stride, fold);
    fold += field.width * stride;
  }
}

/// The local activation unit of all rows of `keys` with the first layer `u.data.fold`.
void run_unit(const Unit& u, const kernels::Layer* hidden, Rows keys, std::size_t rows, std::size_t width,
              kernels::Initial initial, float* logits) noexcept {
  u.kernels.attention_unit({keys.data, keys.stride, rows, u.data.fold, initial, width, hidden, u.interest.hidden.size(),
                            &u.interest.output, u.data.unit_scratch, logits});
}

/// Dot products of a vector with rows; the kernel loads whole vectors, so it gets a copy with zeros behind it.
void run_dot(const Unit& u, const float* vector, Rows rows, std::size_t count, float* logits) noexcept {
  std::fill_n(u.data.padded_vector, u.data.query_stride, 0.f);
  std::copy_n(vector, u.interest.width, u.data.padded_vector);
  const network::Output dot{u.data.padded_vector, 0, static_cast<std::uint32_t>(u.interest.width), {}};
  u.kernels.output(dot, rows.data, rows.stride, count, logits);
}

/// What the shared fields add to every pair, for the shared values of one candidate: k_shared E_shared(q).
void multiply_shared(const Unit& u, const KeyPlan& plan, const float* q) noexcept {
  fold_fields(u, plan, plan.direct_fields, u.interest.fields.size(), q, u.data.fold);
  u.kernels.product({plan.shared.data,
                     plan.shared.stride,
                     plan.shared_rows,
                     u.data.fold,
                     u.stride(),
                     plan.shared_width,
                     u.interest.hidden[0].out,
                     {u.data.zeros},
                     u.data.shared_product,
                     u.stride()});
}

/// Logits of one candidate over the plan's rows into unit_logits.
void pair_logits(const Unit& u, const KeyPlan& plan, bool integers, const float* q, const float* initial) noexcept {
  if (!u.is_mlp()) return run_dot(u, q, plan.direct, plan.rows, u.data.unit_logits);
  kernels::Initial first{initial};
  if (plan.shared_rows > 0) {
    u.kernels.add_row(u.data.shared_product, plan.shared_rows, u.stride(), initial, u.data.shared_initial);
    first = {u.data.shared_initial, plan.shared_row, u.stride()};
  }
  if (integers) return integer_logits(u, plan, q, first, u.data.unit_logits);
  fold_fields(u, plan, 0, plan.direct_fields, q, u.data.fold);
  run_unit(u, u.interest.hidden.begin(), plan.direct, plan.rows, plan.direct_width, first, u.data.unit_logits);
}

/// From the plan's rows to the behaviours.
void store_logits(const Unit& u, const KeyPlan& plan, std::size_t candidate, bool pad) noexcept {
  const float* const logits = u.data.unit_logits;
  float* const out = u.store.logits + candidate * u.store.logit_stride;
  const std::size_t length = u.history.length;
  if (plan.behavior == nullptr) {
    std::copy_n(logits, length, out);
    if (pad) u.store.pad_logits[candidate] = logits[length];
    return;
  }
  for (std::size_t t = 0; t < length; ++t) out[t] = logits[plan.behavior[t]];
  if (pad) u.store.pad_logits[candidate] = logits[plan.behavior[length]];
}

/// q * (Wa + Wc) + b for every candidate.
void project_queries(const Unit& u, Rows q) noexcept {
  const network::Layer& first = u.interest.hidden[0];
  u.kernels.product({q.data,
                     q.stride,
                     u.data.count,
                     u.interest.query_weight,
                     first.stride,
                     u.interest.width,
                     first.out,
                     {first.bias},
                     u.data.initial,
                     u.data.unit_stride});
}

void mark_current(const Unit& u, bool pad) noexcept {
  u.store.epoch = u.history.epoch;
  u.store.first = u.history.first;
  u.store.length = u.history.length;
  u.store.has_pad_logits = pad;
}

/// The pairs of one behaviour, row `t` of the keys, with all candidates, into column `column` of the logits.
void behavior_logits(const Unit& u, const kernels::Layer* hidden, std::size_t t, std::size_t column) noexcept {
  const Rows q = queries(u.data, u.interest, u.store);
  const float* const k = u.keys.at(t);
  if (u.is_mlp()) {
    const network::Layer& first = u.interest.hidden[0];
    u.kernels.fold_query(u.interest.query_weight, u.interest.product_weight, k, u.interest.width, first.stride,
                         u.data.fold);
    u.kernels.product({k,
                       u.interest.width,
                       1,
                       u.interest.keys_weight,
                       first.stride,
                       u.interest.width,
                       first.out,
                       {first.bias},
                       u.data.initial,
                       first.stride});
    run_unit(u, hidden, q, u.data.count, u.interest.width, {u.data.initial}, u.data.unit_logits);
  } else {
    run_dot(u, k, q, u.data.count, u.data.unit_logits);
  }
  for (std::size_t n = 0; n < u.data.count; ++n)
    u.store.logits[n * u.store.logit_stride + column] = u.data.unit_logits[n];
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
    behavior_logits(u, u.data.layers_at, std::min(row, length), row);
  }
}

/// How many of the stored behaviours are still in the history, its first ones; 0 when the logits are of another one.
std::size_t still_valid(const Unit& u) noexcept {
  const std::uint64_t end = u.store.first + u.store.length;
  if (u.store.epoch != u.history.epoch || u.history.first >= end || u.history.first < u.store.first) return 0;
  return static_cast<std::size_t>(end - u.history.first);
}

}  // namespace

void compute_logits(Scorer::Data& data, const UserState::Data& user, std::size_t index) noexcept {
  const Unit u(data, user, index);
  u.store.epoch = 0;
  if (is_empty(u.interest, u.history) || data.count == 0) return;
  if (u.interest.positions > 0) return logits_by_position(u);
  const bool pad = pads_of(u.interest, u.history) > 0;
  const Rows q = queries(data, u.interest, u.store);
  const KeyPlan plan = plan_keys(data, u.interest, u.history, u.columns, u.keys, u.history.length + (pad ? 1 : 0));
  const CandidateOrder order = order_candidates(data, u.interest, plan);
  if (u.is_mlp()) project_queries(u, q);
  const bool integers = use_integers(u, plan);
  if (integers) make_integers(u, plan, q);
  std::size_t previous = 0;
  for (std::size_t i = 0; i < data.count; ++i) {
    const std::size_t n = order.candidate == nullptr ? i : order.candidate[i];
    const bool same_query = i > 0 && order.query != nullptr && order.query[n] == order.query[previous];
    const bool same_shared = i > 0 && order.shared != nullptr && order.shared[n] == order.shared[previous];
    if (!same_query) {
      if (plan.shared_rows > 0 && !same_shared) multiply_shared(u, plan, q.at(n));
      pair_logits(u, plan, integers, q.at(n), data.initial + n * data.unit_stride);
    }
    store_logits(u, plan, n, pad);
    previous = n;
  }
  mark_current(u, pad);
}

void update_logits(Scorer::Data& data, const UserState::Data& user, std::size_t index) noexcept {
  const Unit u(data, user, index);
  const std::size_t valid = still_valid(u);
  const bool pad = pads_of(u.interest, u.history) > 0;
  const std::size_t length = u.history.length;
  // Folding a behaviour costs as much as folding a candidate: with more than half of them new, start over.
  if (valid == 0 || valid > length || 2 * (length - valid) > length || (pad && !u.store.has_pad_logits)) {
    return compute_logits(data, user, index);
  }
  const std::size_t gone = static_cast<std::size_t>(u.history.first - u.store.first);
  for (std::size_t n = 0; n < data.count && gone > 0; ++n) {
    float* const logits = u.store.logits + n * u.store.logit_stride;
    std::memmove(logits, logits + gone, valid * sizeof(float));
  }
  for (std::size_t t = valid; t < length; ++t) behavior_logits(u, u.interest.hidden.begin(), t, t);
  mark_current(u, pad);
}

}  // namespace dinghy::scoring
