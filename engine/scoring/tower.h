// What follows the interests for a block of candidates: MLPs, the tower and the head.
#pragma once

#include <cstddef>
#include <span>

#include "engine/kernels/kernel_table.h"
#include "engine/network/network.h"
#include "engine/scoring/block.h"
#include "engine/scoring/candidates.h"
#include "engine/scoring/layers.h"
#include "engine/scoring/parts.h"

namespace dinghy::scoring {

/// The rows that a block's MLPs and tower take.
struct BlockRows {
  const float* user = nullptr;
  const CandidateRows& candidates;
  const ResultRows& results;
  Block block;

  OperandRows at(std::size_t n) const noexcept {
    return {.user = user, .candidate = candidates.at(block.first + n), .results = results.at(n)};
  }
};

struct TowerScratch {
  float* input = nullptr;  // [block][input_stride] the tower's parts that depend on the candidate, or an MLP's
  std::size_t input_stride = 0;
  LayerBuffers hidden;      // [block]
  float* logits = nullptr;  // [block]
};

/// Writes the results of the MLPs that some candidate changes behind those of the interests, into rows.results.
void run_mlps(const kernels::KernelTable& kernels, std::span<const network::Mlp> mlps, const BlockRows& rows,
              const TowerScratch& scratch) noexcept;

/// Concatenates the parts that depend on the candidate, runs the tower and leaves the logits in scratch.logits. The
/// first layer's sums begin with `initial`, what the user's parts add to them.
void run_tower(const kernels::KernelTable& kernels, const network::Tower& tower, const float* initial,
               const BlockRows& rows, const TowerScratch& scratch) noexcept;

/// From logits to probabilities: per-id biases of the candidates and the user's, scale and shift, link, offset. There
/// are as many logits and biases as scores.
void apply_head(const kernels::RowKernels& kernels, const network::Head& head, const float* logits, const float* biases,
                float user_bias, std::span<float> scores) noexcept;

}  // namespace dinghy::scoring
