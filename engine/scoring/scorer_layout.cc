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

void place_integers(Scorer::Data& data, const Extents& extents, Plan& plan) noexcept {
  const Array<network::Interest>& interests = data.network().interests;
  const auto computed = [&](const network::Interest& interest) { return in_integers(data, interest); };
  if (std::none_of(interests.begin(), interests.end(), computed)) return;
  const kernels::Digits digits = data.network().digits();
  const std::size_t rows = data.max_history + 1 + kernels::kAttentionBlock;
  const std::size_t words = kernels::words_of(digits, data.key_stride);
  Scorer::Data::IntegerScratch& to = data.integers;
  for (Scorer::Data::IntegerKeys* keys : {&to.fine, &to.coarse}) {
    plan.place(keys->words, rows + 1, std::max<std::size_t>(words, 16));
    plan.place(keys->scale, 1, rows);
  }
  plan.place(to.query, 1, data.key_stride);
  plan.place(to.fold, words, data.unit_stride);
  plan.place(to.fold_scale, 1, data.unit_stride);
  plan.place(to.sums, 1, data.unit_stride);
  const std::size_t hidden_words = kernels::words_of(digits, extents.unit);
  plan.place(to.scratch, kernels::kAttentionBlock + 1, std::max<std::size_t>(hidden_words, 16));
}

void place_all(Scorer::Data& data, const Extents& extents, Plan& plan) noexcept {
  const network::Model& model = data.network();
  const std::size_t n = data.max_candidates, t = data.max_history + 1;
  const std::size_t block = std::min(kCandidateBlock, std::max<std::size_t>(1, n));
  plan.place(data.matched, 1, model.features.size());
  plan.place(data.candidates, n, data.candidate_stride);
  plan.place(data.tokens, n, model.features.size());
  plan.place(data.biases, 1, n);
  for (std::size_t i = 0; i < data.interests.size(); ++i) {
    const network::Interest& interest = model.interests[i];
    Scorer::Data::InterestStore& store = data.interests[i];
    if (needs_query_rows(interest)) plan.place(store.queries, n, interest.stride);
    store.logit_stride = padded(std::max<std::size_t>(data.max_history, interest.positions));
    plan.place(store.logits, n, store.logit_stride);
    plan.place(store.pad_logits, 1, n);
    if (interest.score == format::Score::mlp) {
      plan.place(store.initial, interest.positions > 0 ? 1 : n, interest.hidden[0].stride);
    }
  }
  plan.place(data.fold, 1, extents.fold);
  plan.place(data.unit_scratch, 2 * kernels::kAttentionBlock, extents.unit);
  plan.place(data.unit_logits, 1, std::max(n, t));
  plan.place(data.layers_at, 1, extents.layers);
  plan.place(data.query_block, block, data.query_stride);
  plan.place(data.query_block_spare, block, data.query_stride);
  plan.place(data.padded_vector, 1, data.query_stride);
  plan.place(data.pair_sums, n, data.unit_stride);
  plan.place(data.identity, 1, std::max(n, t) + 1);
  place_integers(data, extents, plan);
  plan.place(data.fine_keys, t, data.key_stride);
  plan.place(data.coarse_keys, t, data.key_stride);
  plan.place(data.coarse_product, t + kernels::kAttentionBlock, data.unit_stride);
  plan.place(data.coarse_initial, t, data.unit_stride);
  for (std::uint32_t** array : {&data.behavior_group, &data.behavior_first, &data.coarse_group, &data.coarse_first}) {
    plan.place(*array, 1, t);
  }
  plan.place(data.slots, 1, distinct_slots(std::max(n, t)));
  for (std::uint32_t** array :
       {&data.order, &data.order_spare, &data.candidate_group, &data.candidate_coarse, &data.candidate_first}) {
    plan.place(*array, 1, n + 1);
  }
  plan.place(data.field_columns, 1, extents.fields);
  plan.place(data.weights, block, data.weight_stride);
  plan.place(data.results, block, data.result_stride);
  plan.place(data.pooled, block, data.pooled_stride);
  plan.place(data.pooled_spare, block, data.pooled_stride);
  plan.place(data.zeros, 1, std::max(data.pooled_stride, data.unit_stride));
  plan.place(data.tower_input, block, data.tower_stride);
  plan.place(data.hidden, block, data.hidden_stride);
  plan.place(data.hidden_spare, block, data.hidden_stride);
  plan.place(data.logits, 1, block);
  const bool by_reference = data.kernels.simd == nullptr;
  plan.place(data.reference_scratch, 1, by_reference ? kernels::reference::scratch_size(model, data.max_history) : 0);
  plan.place(data.reference_attention, 1, model.interests.size());
}

Status no_memory(const Scorer::Data& data) noexcept {
  return Status::error(Code::out_of_memory, "no memory for a scorer of %zu candidates and %zu behaviours",
                       data.max_candidates, data.max_history);
}

}  // namespace

Status plan(Scorer::Data& data) noexcept {
  const network::Model& model = data.network();
  if (!data.interests.allocate(model.interests.size())) return no_memory(data);
  const Extents extents(model);
  data.candidate_stride = padded(model.candidate_width);
  data.query_stride = extents.query;
  data.key_stride = extents.key;
  data.unit_stride = extents.first;
  data.weight_stride = padded(std::max(data.max_history + 1, extents.positions));
  data.result_stride = padded(model.result_width);
  data.pooled_stride = extents.pooled;
  data.tower_stride = extents.tower;
  data.hidden_stride = extents.hidden;
  Plan plan(data.arena);
  place_all(data, extents, plan);
  return data.arena.fits() ? Status() : no_memory(data);
}

Status allocate(Scorer::Data& data) noexcept {
  if (!data.arena.allocate()) return no_memory(data);
  Plan plan(data.arena);
  place_all(data, Extents(data.network()), plan);
  std::iota(data.identity, data.identity + std::max(data.max_candidates, data.max_history + 1) + 1, 0u);
  return Status();
}

}  // namespace dinghy::scoring
