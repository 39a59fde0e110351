// The local activation unit of one interest in a call: what it reads, and the scratch of its steps.
#pragma once

#include "engine/kernels/integer_kernels.h"
#include "engine/memo/part.h"
#include "engine/network/network.h"
#include "engine/network/user.h"
#include "engine/scoring/candidate_order.h"
#include "engine/scoring/candidates.h"
#include "engine/scoring/key_plan.h"
#include "engine/scoring/memo_scratch.h"
#include "engine/scoring/rows.h"

namespace dinghy::scoring {

struct Unit {
  const kernels::KernelTable& kernels;
  const kernels::IntegerKernels* integers = nullptr;  // null: in floats
  kernels::Digits digits = {};                        // of the integers
  const network::Interest& interest;
  const network::Sequence& sequence;
  const network::History& history;
  Rows keys;  // of the behaviours, the padding row behind the last
  const CandidateRows& candidates;
  Rows queries;                // of the candidates
  memo::Part* memo = nullptr;  // null: every pair is computed

  bool is_mlp() const noexcept { return interest.score == format::Score::mlp; }
  std::size_t stride() const noexcept { return interest.hidden[0].stride; }
};

/// Rows of the first layer's sums have `stride` floats.
struct SumScratch {
  std::size_t stride = 0;
  float* fold = nullptr;                // [width][stride] the folded first layer of one candidate or behaviour
  float* activations = nullptr;         // kernels::AttentionUnit::scratch
  float* logits = nullptr;              // [max(max_history + 1, max_candidates)]
  kernels::Layer* layers_at = nullptr;  // [most hidden layers] those of an interest at one position
  float* vector = nullptr;              // [vector_width] q or k of a dot product, zeros behind it
  std::size_t vector_width = 0;
  float* coarse_product = nullptr;    // [max_history + 1 + kAttentionBlock][stride]
  float* coarse_initial = nullptr;    // [max_history + 1][stride]
  float* pairs = nullptr;             // [max_candidates][stride] of one behaviour's pairs
  const float* zeros = nullptr;       // [stride]
  std::uint32_t* identity = nullptr;  // [the longer of candidates and history + 1] 0, 1, 2, …
};

/// All null where nothing is computed in integers.
struct IntegerScratch {
  IntegerKeys fine, coarse;
  float* query = nullptr;        // [PlanScratch::key_stride]
  std::int32_t* fold = nullptr;  // [words of a key][SumScratch::stride]
  float* fold_scale = nullptr;   // two of [SumScratch::stride]
  std::int32_t* sums = nullptr;
  std::int32_t* words = nullptr;  // kernels::IntegerUnit::words
};

struct UnitScratch {
  DistinctScratch distinct;
  PlanScratch plan;
  OrderScratch order;
  SumScratch sums;
  IntegerScratch integers;
  MemoScratch memo;
};

}  // namespace dinghy::scoring
