// The memory of a scorer.
#pragma once

#include <cstddef>

#include "dinghy/scorer.h"
#include "engine/kernels/reference/din_forward.h"
#include "engine/kernels/select.h"
#include "engine/memory/arena.h"
#include "engine/memory/array.h"
#include "engine/network/network.h"

namespace dinghy {

/// Candidates are scored a block at a time, all of the network for each: the buffers stay small and in the cache
/// whatever max_candidates is, and the products over candidates still have full tiles (48 is a multiple of 6 and 12).
inline constexpr std::size_t kCandidateBlock = 48;

struct Scorer::Data {
  explicit Data(const Model& m) noexcept : model(m) {}

  Model model;  // keeps the mapping alive
  kernels::Selection kernels;
  Arena arena;
  std::size_t max_candidates = 0;
  std::size_t max_history = 0;

  const Column** matched = nullptr;

  // Rows per candidate of the block.
  float* candidates = nullptr;     // [block][candidate_stride] candidate rows
  std::size_t candidate_stride = 0;
  float* results = nullptr;        // [block][result_stride] results of all interests
  std::size_t result_stride = 0;
  float* logits = nullptr;         // [block]

  // Attention, shared by the interests one after another.
  float* query = nullptr;          // [block][query_stride]; two of them, for chains of query layers
  float* query_spare = nullptr;
  std::size_t query_stride = 0;
  float* initial = nullptr;        // [block][initial_stride] q * (Wa + Wc) + b
  std::size_t initial_stride = 0;
  float* fold = nullptr;           // [width][stride of the first layer] the folded first layer of one candidate
  float* unit_scratch = nullptr;   // kernels::AttentionUnit::scratch
  float* weights = nullptr;        // [block][weight_stride] logits, then weights; the padding row's behind the last
  std::size_t weight_stride = 0;
  float* pooled = nullptr;         // [block][pooled_stride]; two of them, for chains of post layers
  float* pooled_spare = nullptr;
  std::size_t pooled_stride = 0;
  float* zeros = nullptr;          // [pooled_stride]

  // Tower.
  float* tower_input = nullptr;    // [block][tower_stride] the parts that depend on the candidate
  std::size_t tower_stride = 0;
  float* hidden = nullptr;         // [block][hidden_stride]; two of them
  float* hidden_spare = nullptr;
  std::size_t hidden_stride = 0;

  double* reference_scratch = nullptr;
  kernels::reference::AttentionOutput* reference_attention = nullptr;  // [interests]

  const network::Model& network() const noexcept { return model.internal(); }
};

}  // namespace dinghy
