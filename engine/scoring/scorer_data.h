// The memory of a scorer.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dinghy/scorer.h"
#include "engine/kernels/reference/din_forward.h"
#include "engine/kernels/select.h"
#include "engine/memory/arena.h"
#include "engine/memory/array.h"
#include "engine/network/network.h"
#include "engine/scoring/rows.h"

namespace dinghy {

/// Weights, weighted sums and the tower are computed for a block of candidates at a time: the buffers stay in the cache
/// whatever max_candidates is, and the products still have full tiles (48 is a multiple of 6 and 12).
inline constexpr std::size_t kCandidateBlock = 48;

struct Scorer::Data {
  explicit Data(const Model& m) noexcept : model(m) {}

  Model model;  // keeps the mapping alive
  kernels::Selection kernels;
  Arena arena;
  std::size_t max_candidates = 0;
  std::size_t max_history = 0;
  Integers integer_use = Integers::when_faster;

  const Column** matched = nullptr;

  // ---- the candidates of the last score(), kept for rescore() -------------------------------------------------------
  bool has_candidates = false;
  std::size_t count = 0;
  float* candidates = nullptr;  // [count][candidate_stride] candidate rows
  std::size_t candidate_stride = 0;
  const std::byte** tokens = nullptr;  // [count][features] the rows of tables of id features (network::find_rows)
  float* biases = nullptr;             // [count] sums of the head's biases of candidate features

  /// What an interest keeps of them.
  struct InterestStore {
    float* queries = nullptr;  // [count][stride of k], null where the candidate rows serve
    float* logits = nullptr;   // [count][logit_stride] of the behaviours [first, first + length) of `epoch`; where
                               // the interest has positions, of its padding rows behind them
    std::size_t logit_stride = 0;
    float* initial = nullptr;     // [count][stride of the first layer] c(q) = q * (Wa + Wc) + b; of a unit by position
                                  // one row, c(k)
    float* pad_logits = nullptr;  // [count] of the padding row, when has_pad_logits
    bool has_pad_logits = false;
    std::uint64_t epoch = 0;  // 0: none
    std::uint64_t first = 0;
    std::size_t length = 0;
  };
  Array<InterestStore> interests;
  std::size_t query_stride = 0;

  // ---- scratch of the local activation unit, for one interest after another ------------------------------------
  std::size_t unit_stride = 0;
  float* fold = nullptr;                // [width][unit_stride] the folded first layer of one candidate or behaviour
  float* unit_scratch = nullptr;        // kernels::AttentionUnit::scratch
  float* unit_logits = nullptr;         // [max(max_history + 1, max_candidates)]
  kernels::Layer* layers_at = nullptr;  // [most hidden layers] those of an interest at one position
  float* query_block = nullptr;         // [block][query_stride], two of them, for chains of query layers
  float* query_block_spare = nullptr;
  float* padded_vector = nullptr;  // [query_stride] q or k of a dot product, zeros behind it

  /// The same in integers (integer_unit.h), where in_integers() says so of an interest; else all null.
  struct IntegerKeys {
    std::int32_t* words = nullptr;  // [max_history + 1 + a block] rows of words, and a vector
    float* scale = nullptr;         // [max_history + 1 + a block]
  };
  struct IntegerScratch {
    IntegerKeys fine, coarse;
    float* query = nullptr;        // [key_stride]
    std::int32_t* fold = nullptr;  // [words of a key][unit_stride]
    float* fold_scale = nullptr;   // two of [unit_stride]
    std::int32_t* sums = nullptr;
    std::int32_t* scratch = nullptr;  // kernels::IntegerUnit::words
  };
  IntegerScratch integers;

  float* pair_sums = nullptr;         // [count][unit_stride] sums of the first layer of one behaviour's pairs
  std::uint32_t* identity = nullptr;  // [the longer of history and candidates + 1] 0, 1, 2, …

  // Scratch of the key plan (key_plan.h) and of the candidates' order (candidates.h).
  float* fine_keys = nullptr;    // [max_history + 1][key_stride]
  float* coarse_keys = nullptr;  // [max_history + 1][key_stride]
  std::size_t key_stride = 0;
  float* coarse_product = nullptr;          // [max_history + 1 + a block][unit_stride]
  float* coarse_initial = nullptr;          // [max_history + 1][unit_stride]
  std::uint32_t* behavior_group = nullptr;  // four arrays of [max_history + 1]
  std::uint32_t* behavior_first = nullptr;
  std::uint32_t* coarse_group = nullptr;
  std::uint32_t* coarse_first = nullptr;
  std::uint32_t* slots = nullptr;  // scoring::distinct_slots of the longer of history and candidates
  std::uint32_t* order = nullptr;  // five arrays of [max_candidates + 1]
  std::uint32_t* order_spare = nullptr;
  std::uint32_t* candidate_group = nullptr;
  std::uint32_t* candidate_coarse = nullptr;
  std::uint32_t* candidate_first = nullptr;
  std::uint32_t* field_columns = nullptr;  // [most fields of an interest]

  // ---- buffers of a block ---------------------------------------------------------------------------------------
  float* weights = nullptr;  // [block][weight_stride]; the padding row's behind the last behaviour's
  std::size_t weight_stride = 0;
  float* results = nullptr;  // [block][result_stride] results of interests and MLPs
  std::size_t result_stride = 0;
  float* pooled = nullptr;  // [block][pooled_stride], two of them, for chains of post layers
  float* pooled_spare = nullptr;
  std::size_t pooled_stride = 0;
  float* zeros = nullptr;        // as long as the longest row of pooled, coarse_product
  float* tower_input = nullptr;  // [block][tower_stride] the tower's parts that depend on the candidate, or an MLP's
  std::size_t tower_stride = 0;
  float* hidden = nullptr;  // [block][hidden_stride], two of them
  float* hidden_spare = nullptr;
  std::size_t hidden_stride = 0;
  float* logits = nullptr;  // [block]

  double* reference_scratch = nullptr;
  kernels::reference::AttentionOutput* reference_attention = nullptr;  // [interests]

  const network::Model& network() const noexcept { return model.internal(); }
  /// All memory that is this scorer's: what is planned counts as allocated.
  std::size_t bytes() const noexcept {
    return sizeof *this + interests.bytes() + static_cast<std::size_t>(arena.bytes());
  }
};

namespace scoring {

/// Plans everything above. Errors: out_of_memory.
Status plan(Scorer::Data& data) noexcept;
/// Allocates what plan() planned. Errors: out_of_memory.
Status allocate(Scorer::Data& data) noexcept;

}  // namespace scoring
}  // namespace dinghy
