// The memory of a scorer: what rescore() needs again, and the scratch of each step.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "dinghy/pair_memo.h"
#include "dinghy/scorer.h"
#include "engine/kernels/select.h"
#include "engine/memory/arena.h"
#include "engine/memory/array.h"
#include "engine/network/network.h"
#include "engine/reference/din_forward.h"
#include "engine/scoring/attention.h"
#include "engine/scoring/block.h"
#include "engine/scoring/candidates.h"
#include "engine/scoring/interest_store.h"
#include "engine/scoring/layers.h"
#include "engine/scoring/tower.h"
#include "engine/scoring/unit.h"

namespace dinghy {
namespace scoring {

/// Null on all ISAs but `reference`.
struct ReferenceScratch {
  double* numbers = nullptr;
  reference::AttentionOutput* attention = nullptr;  // [interests]
};

}  // namespace scoring

struct Scorer::Data {
  explicit Data(const Model& m) noexcept : model(m) {}

  Model model;                   // keeps the mapping alive
  std::optional<PairMemo> memo;  // none on `reference`
  kernels::Selection kernels;
  Arena arena;
  std::size_t max_candidates = 0;
  std::size_t max_history = 0;

  scoring::CandidateRows candidates;
  Array<scoring::InterestStore> interests;

  const Column** matched = nullptr;
  scoring::LayerBuffers queries;  // [block]
  scoring::UnitScratch unit;
  scoring::PoolScratch pool;
  scoring::ResultRows results;
  scoring::TowerScratch tower;
  scoring::ReferenceScratch reference;

  bool uses_integers() const noexcept {
    return std::any_of(interests.begin(), interests.end(), [](const auto& store) { return store.in_integers; });
  }
  const network::Model& network() const noexcept { return model.internal(); }
  /// All memory that is this scorer's: what is planned counts as allocated.
  std::size_t bytes() const noexcept {
    return sizeof *this + interests.bytes() + static_cast<std::size_t>(arena.bytes());
  }
};

namespace scoring {

/// Plans everything above. Errors: out_of_memory.
Status plan(Scorer::Data& data, Integers integers) noexcept;
/// Allocates what plan() planned. Errors: out_of_memory.
Status allocate(Scorer::Data& data) noexcept;

}  // namespace scoring
}  // namespace dinghy
