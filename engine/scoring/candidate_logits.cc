#include "engine/scoring/candidate_logits.h"

#include <algorithm>

#include "engine/scoring/float_unit.h"
#include "engine/scoring/integer_unit.h"
#include "engine/scoring/known_pairs.h"

namespace dinghy::scoring {
namespace {

/// The candidates of a call, one after another, and what an earlier one has left for those that come.
struct Turns {
  const Unit& u;
  InterestStore& store;
  const UnitScratch& scratch;
  KeyPlan plan;
  bool has_coarse_product = false;  // scratch.sums.coarse_product is of the coarse fields of the candidate at hand,
  bool shares_coarse = false;       // which the next one has too
};

/// What the pairs of all candidates need, unless it is there.
void prepare(Turns& turns) noexcept {
  const Unit& u = turns.u;
  multiply_queries(u, turns.store);
  if (u.integers != nullptr && !turns.plan.is_quantized()) quantize_keys(u, turns.scratch.integers, turns.plan);
}

/// What the coarse fields of a plan add to the pairs of candidate `q`.
void multiply_coarse(const Unit& u, const KeyPlan& plan, const float* q, const UnitScratch& scratch) noexcept {
  if (u.integers != nullptr) return multiply_integer_coarse(u, plan, q, scratch);
  multiply_float_coarse(u, plan, q, scratch.sums);
}

/// The same of all rows, for candidates that share their coarse fields, unless it is there.
void prepare_coarse(Turns& turns, const float* q) noexcept {
  if (turns.plan.coarse_rows > 0 && !turns.has_coarse_product) multiply_coarse(turns.u, turns.plan, q, turns.scratch);
  turns.has_coarse_product = true;
}

/// Computes the logits of one candidate over a plan's rows, into scratch.sums.logits. `initial`: c(q).
void compute(const Unit& u, const KeyPlan& plan, const float* q, const float* initial,
             const UnitScratch& scratch) noexcept {
  const SumScratch& sums = scratch.sums;
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
  float_logits(u, plan, q, first, plus, sums);
}

/// The logits of candidate `n` over the plan's rows; valid until the next one's.
const float* compute_all(Turns& turns, std::size_t n) noexcept {
  const Unit& u = turns.u;
  const float* const q = u.queries.at(n);
  if (u.is_mlp()) {
    prepare(turns);
    prepare_coarse(turns, q);
    compute(u, turns.plan, q, turns.store.initial + n * u.stride(), turns.scratch);
  } else {
    run_dot(u, q, turns.plan.keys, turns.plan.rows, turns.scratch.sums);
  }
  return turns.scratch.sums.logits;
}

/// Computes the rows that the memo missed for candidate `n`, between those that it found.
const float* compute_missing(Turns& turns, KnownPairs& known, std::size_t n, std::size_t missing) noexcept {
  const Unit& u = turns.u;
  const float* const q = u.queries.at(n);
  prepare(turns);
  const std::size_t coarse_turns = turns.shares_coarse ? 2 : 1;
  const bool own_coarse = !turns.has_coarse_product && coarse_turns * missing < turns.plan.coarse_rows;
  if (!own_coarse) prepare_coarse(turns, q);
  const KeyPlan some = known.missing_rows(u, turns.plan, missing, own_coarse);
  if (own_coarse) multiply_coarse(u, some, q, turns.scratch);
  compute(u, some, q, turns.store.initial + n * u.stride(), turns.scratch);
  known.fill_in(missing, turns.scratch.sums.logits);
  return known.logits();
}

/// The logits of candidate `n`, of which the memo has some and gets the others.
const float* find_or_compute(Turns& turns, KnownPairs& known, std::size_t n) noexcept {
  const std::size_t missing = known.find(n);
  if (missing == 0) return known.logits();
  const bool few_found = 16 * missing > 15 * turns.plan.rows;  // gathering would cost more than they save
  const float* const logits = few_found ? compute_all(turns, n) : compute_missing(turns, known, n, missing);
  known.keep(n, missing, logits);
  return logits;
}

/// From the plan's rows to the behaviours of `span`.
void store_logits(const Unit& u, const KeyPlan& plan, const float* logits, std::size_t candidate, Span span,
                  const InterestStore& store) noexcept {
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

}  // namespace

Behaviors behaviors_of(const Unit& u, Span span) noexcept {
  const std::size_t columns = u.sequence.features.size();
  return {.keys = {u.keys.at(span.first), u.keys.stride},
          .marks = u.history.marks + span.first * columns,
          .columns = columns,
          .count = span.count};
}

void candidate_logits(const Unit& u, Span span, InterestStore& store, const UnitScratch& scratch) noexcept {
  const std::size_t count = u.candidates.count;
  const Behaviors behaviors = behaviors_of(u, span);
  Turns turns{.u = u,
              .store = store,
              .scratch = scratch,
              .plan = plan_keys(u.interest, behaviors, count, scratch.plan, scratch.distinct)};
  const CandidateOrder order = order_candidates(u.interest, u.candidates, turns.plan, scratch.order, scratch.distinct);
  KnownPairs known(u, behaviors, turns.plan, order, scratch.memo);
  const auto at = [&](std::size_t i) { return order.candidate == nullptr ? i : order.candidate[i]; };
  const float* logits = nullptr;
  std::size_t previous = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t n = at(i);
    const bool same_query = i > 0 && order.query != nullptr && order.query[n] == order.query[previous];
    const bool same_coarse = i > 0 && order.coarse != nullptr && order.coarse[n] == order.coarse[previous];
    turns.has_coarse_product = turns.has_coarse_product && same_coarse;
    turns.shares_coarse = i + 1 < count && order.coarse != nullptr && order.coarse[at(i + 1)] == order.coarse[n];
    if (i + 1 < count && known.asks(i + 1)) known.expect(at(i + 1));
    if (!same_query) logits = known.asks(i) ? find_or_compute(turns, known, n) : compute_all(turns, n);
    store_logits(u, turns.plan, logits, n, span, store);
    previous = n;
  }
}

}  // namespace dinghy::scoring
