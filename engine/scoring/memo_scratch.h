// What a scorer with a memo needs beside the memo.
#pragma once

#include <cstdint>

#include "engine/scoring/key_plan.h"

namespace dinghy::scoring {

/// All null in a scorer without a memo. The memo's numbers are those of memo::ItemNumbers.
struct MemoScratch {
  std::uint64_t* tuples = nullptr;     // [the longer of candidates and history + 1][most fields]
  std::uint32_t* queries = nullptr;    // [max_candidates] the number of each candidate's item
  std::uint32_t* behaviors = nullptr;  // [max_history + 1] that of each row of a plan
  std::uint32_t* missing = nullptr;    // [max_history + 1] rows of a plan whose pairs were not found
  float* logits = nullptr;             // [max_history + 1] of one candidate over a plan's rows

  // The missing rows, side by side, like PlanScratch and IntegerScratch.
  float* keys = nullptr;
  float* coarse_keys = nullptr;
  std::size_t key_stride = 0;
  IntegerKeys integers, coarse_integers;
  std::uint32_t* coarse_row = nullptr;      // [max_history + 1]
  const std::uint32_t* identity = nullptr;  // [max_history + 1] 0, 1, 2, …
};

}  // namespace dinghy::scoring
