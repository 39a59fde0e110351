#include <algorithm>
#include <numeric>

#include "engine/memory/plan.h"
#include "engine/scoring/distinct.h"
#include "engine/scoring/integer_unit.h"
#include "engine/scoring/queries.h"
#include "engine/scoring/scorer_data.h"

namespace dinghy::scoring {
namespace {

using network::padded;

/// The widest rows that any interest or layer needs.
struct Extents {
  std::size_t query = 16, key = 16, unit = 16, first = 16, fold = 16, pooled = 16, hidden = 16, tower = 16, fields = 1,
              layers = 1, positions = 0;

  explicit Extents(const network::Model& model) noexcept {
    const auto grow = [](std::size_t& extent, std::size_t size) { extent = std::max(extent, size); };
    for (const network::Interest& interest : model.interests) {
      grow(fields, interest.fields.size());
      grow(query, padded(std::max(interest.width, interest.query_width)));
      for (const network::Layer& layer : interest.query_layers) grow(query, layer.stride);
      grow(key, interest.stride);
      grow(pooled, interest.stride);
      for (const network::Layer& layer : interest.post_layers) grow(pooled, layer.stride);
      for (const network::Layer& layer : interest.hidden) grow(unit, layer.stride);
      if (interest.score == format::Score::dot) continue;
      grow(first, interest.hidden[0].stride);
      grow(layers, interest.hidden.size());
      grow(positions, interest.positions);
      grow(fold, interest.width * interest.hidden[0].stride);
    }
    for (const network::Layer& layer : model.tower.hidden) grow(hidden, layer.stride);
    grow(tower, padded(model.tower.width - model.tower.user_width));
    for (const network::Mlp& mlp : model.mlps) {
      grow(tower, padded(mlp.width));
      for (const network::Layer& layer : mlp.layers) grow(hidden, layer.stride);
    }
  }
};

/// What the steps of a scorer need, in the order of a request.
struct Layout {
  const network::Model& model;
  const Extents extents;
  std::size_t candidates;  // at most
  std::size_t history;     // at most, and a padding row
  std::size_t block;       // candidates of one
  Plan& plan;

  Layout(const Scorer::Data& data, Plan& p) noexcept
      : model(data.network()),
        extents(model),
        candidates(data.max_candidates),
        history(data.max_history + 1),
        block(std::min(kCandidateBlock, std::max<std::size_t>(1, data.max_candidates))),
        plan(p) {}

  void place(CandidateRows& to) const noexcept {
    to.stride = padded(model.candidate_width);
    to.features = model.features.size();
    plan.place(to.rows, candidates, to.stride);
    plan.place(to.marks, candidates, to.features);
    plan.place(to.biases, 1, candidates);
  }

  void place(const network::Interest& interest, InterestStore& to) const noexcept {
    if (needs_query_rows(interest)) plan.place(to.queries, candidates, interest.stride);
    to.logit_stride = padded(std::max<std::size_t>(history - 1, interest.positions));
    plan.place(to.logits, candidates, to.logit_stride);
    plan.place(to.pad_logits, 1, candidates);
    if (interest.score == format::Score::mlp) {
      plan.place(to.initial, interest.positions > 0 ? 1 : candidates, interest.hidden[0].stride);
    }
  }

  void place(LayerBuffers& to, std::size_t stride) const noexcept {
    to.stride = stride;
    plan.place(to.first, block, stride);
    plan.place(to.second, block, stride);
  }

  void place(DistinctScratch& to) const noexcept {
    plan.place(to.slots, 1, distinct_slots(std::max(candidates, history)));
    plan.place(to.columns, 1, extents.fields);
  }

  void place(PlanScratch& to) const noexcept {
    to.key_stride = extents.key;
    plan.place(to.fine_keys, history, to.key_stride);
    plan.place(to.coarse_keys, history, to.key_stride);
    for (std::uint32_t** array : {&to.behavior_group, &to.behavior_first, &to.coarse_group, &to.coarse_first}) {
      plan.place(*array, 1, history);
    }
  }

  void place(OrderScratch& to) const noexcept {
    for (std::uint32_t** array : {&to.order, &to.by_query, &to.by_coarse, &to.query, &to.coarse, &to.counts}) {
      plan.place(*array, 1, candidates + 1);
    }
  }

  void place(SumScratch& to) const noexcept {
    to.stride = extents.first;
    to.vector_width = extents.query;
    plan.place(to.fold, 1, extents.fold);
    plan.place(to.activations, 2 * kernels::kAttentionBlock, extents.unit);
    plan.place(to.logits, 1, std::max(candidates, history));
    plan.place(to.layers_at, 1, extents.layers);
    plan.place(to.vector, 1, to.vector_width);
    plan.place(to.coarse_product, history + kernels::kAttentionBlock, to.stride);
    plan.place(to.coarse_initial, history, to.stride);
    plan.place(to.pairs, candidates, to.stride);
    plan.place(to.zeros, 1, std::max(extents.first, extents.pooled));
    plan.place(to.identity, 1, identities());
  }

  void place(IntegerScratch& to) const noexcept {
    place(to.fine);
    place(to.coarse);
    plan.place(to.query, 1, extents.key);
    plan.place(to.fold, kernels::words_of(model.digits(), extents.key), extents.first);
    plan.place(to.fold_scale, 1, extents.first);
    plan.place(to.sums, 1, extents.first);
    const std::size_t hidden_words = kernels::words_of(model.digits(), extents.unit);
    plan.place(to.words, kernels::kAttentionBlock + 1, std::max<std::size_t>(hidden_words, 16));
  }

  void place(MemoScratch& to) const noexcept {
    plan.place(to.tuples, std::max(candidates, history), extents.fields);
    plan.place(to.queries, 1, candidates);
    for (std::uint32_t** array : {&to.behaviors, &to.missing, &to.coarse_row}) plan.place(*array, 1, history);
    plan.place(to.logits, 1, history);
    to.key_stride = extents.key;
    plan.place(to.keys, history, to.key_stride);
    plan.place(to.coarse_keys, history, to.key_stride);
  }

  void place(IntegerKeys& to) const noexcept {
    const std::size_t rows = history + kernels::kAttentionBlock;
    const std::size_t words = kernels::words_of(model.digits(), extents.key);
    plan.place(to.words, rows + 1, std::max<std::size_t>(words, 16));
    plan.place(to.scale, 1, rows);
  }

  void place(PoolScratch& to) const noexcept {
    to.weight_stride = padded(std::max(history, extents.positions));
    plan.place(to.weights, block, to.weight_stride);
    place(to.pooled, extents.pooled);
  }

  void place(TowerScratch& to) const noexcept {
    to.input_stride = extents.tower;
    plan.place(to.input, block, to.input_stride);
    place(to.hidden, extents.hidden);
  }

  void place(ReferenceScratch& to) const noexcept {
    plan.place(to.numbers, 1, reference::scratch_size(model, history - 1));
    plan.place(to.attention, 1, model.interests.size());
  }

  std::size_t identities() const noexcept { return std::max(candidates, history) + 1; }
};

void place_all(Scorer::Data& data, const Layout& layout) noexcept {
  layout.plan.place(data.matched, 1, layout.model.features.size());
  layout.place(data.candidates);
  layout.plan.place(data.tower.logits, 1, layout.block);
  if (data.kernels.simd == nullptr) return layout.place(data.reference);
  for (std::size_t i = 0; i < data.interests.size(); ++i) layout.place(layout.model.interests[i], data.interests[i]);
  layout.place(data.queries, layout.extents.query);
  layout.place(data.unit.distinct);
  layout.place(data.unit.plan);
  layout.place(data.unit.order);
  layout.place(data.unit.sums);
  if (data.uses_integers()) layout.place(data.unit.integers);
  if (data.memo) layout.place(data.unit.memo);
  if (data.memo && data.uses_integers()) {
    layout.place(data.unit.memo.integers);
    layout.place(data.unit.memo.coarse_integers);
  }
  layout.place(data.pool);
  data.results.stride = padded(layout.model.result_width);
  layout.plan.place(data.results.rows, layout.block, data.results.stride);
  layout.place(data.tower);
}

Status no_memory(const Scorer::Data& data) noexcept {
  return Status::error(Code::out_of_memory, "no memory for a scorer of %zu candidates and %zu behaviours",
                       data.max_candidates, data.max_history);
}

}  // namespace

Status plan(Scorer::Data& data, Integers integers) noexcept {
  const network::Model& model = data.network();
  if (!data.interests.allocate(model.interests.size())) return no_memory(data);
  for (std::size_t i = 0; i < data.interests.size(); ++i) {
    data.interests[i].in_integers = in_integers(model.compute, data.kernels, integers, model.interests[i]);
  }
  Plan plan(data.arena);
  place_all(data, Layout(data, plan));
  return data.arena.fits() ? Status() : no_memory(data);
}

Status allocate(Scorer::Data& data) noexcept {
  if (!data.arena.allocate()) return no_memory(data);
  Plan plan(data.arena);
  const Layout layout(data, plan);
  place_all(data, layout);
  if (data.kernels.simd == nullptr) return Status();
  std::iota(data.unit.sums.identity, data.unit.sums.identity + layout.identities(), 0u);
  data.unit.plan.identity = data.unit.memo.identity = data.unit.sums.identity;
  data.pool.zeros = data.unit.sums.zeros;
  return Status();
}

}  // namespace dinghy::scoring
