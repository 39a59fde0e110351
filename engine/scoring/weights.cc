#include "engine/scoring/weights.h"

#include <algorithm>
#include <limits>

namespace dinghy::scoring {
namespace {

using format::Normalizer;
using format::Pads;

void mask(const network::History& history, float* weights, float value) noexcept {
  if (history.real_count == history.length) return;
  for (std::size_t t = 0; t < history.length; ++t) {
    if (history.real[t] == 0) weights[t] = value;
  }
}

/// Rows of padding among the weights, and how many of training's rows each of them stands for.
struct PadRows {
  std::size_t rows;
  std::size_t each;

  PadRows(const network::Interest& interest, std::size_t pads) noexcept
      : rows(interest.positions > 0 ? pads : pads > 0), each(rows == 0 ? 0 : pads / rows) {}
};

/// What a mean divides by.
std::size_t mean_count(const network::Interest& interest, const network::History& history) noexcept {
  return history.real_count + (interest.pads == Pads::attend ? pads_of(interest, history) : 0);
}

void softmax(const kernels::KernelTable& kernels, const network::History& history, const PadRows& pads,
             float* weights) noexcept {
  mask(history, weights, -std::numeric_limits<float>::infinity());
  const std::size_t n = history.length + pads.rows;
  float sum = kernels.exp_sum(weights, n, kernels.maximum(weights, n));
  // exp_sum counted each row once.
  if (pads.each > 1) sum += static_cast<float>(pads.each - 1) * weights[history.length];
  kernels.scale(weights, n, 1 / sum);
}

}  // namespace

std::size_t pads_of(const network::Interest& interest, const network::History& history) noexcept {
  if (interest.pads == Pads::excluded || interest.pad_to <= history.length) return 0;
  return interest.pad_to - history.length;
}

bool is_empty(const network::Interest& interest, const network::History& history) noexcept {
  if (interest.pooling == format::Pooling::mean) return mean_count(interest, history) == 0;
  return history.real_count == 0 && (interest.pads == Pads::denominator || pads_of(interest, history) == 0);
}

void weigh(const kernels::KernelTable& kernels, const network::Interest& interest, const network::History& history,
           float* weights) noexcept {
  const std::size_t length = history.length;
  float& pad = weights[length];
  if (is_empty(interest, history)) {
    std::fill_n(weights, length, 0.f);
    pad = interest.empty == format::EmptyHistory::pad_row ? 1.f : 0.f;
    return;
  }
  const std::size_t pads = pads_of(interest, history);
  const PadRows padding(interest, pads);
  const std::size_t rows = length + padding.rows;
  if (interest.scale != 1) kernels.scale(weights, rows, interest.scale);
  if (interest.pads == Pads::zero_logit) std::fill_n(weights + length, padding.rows, 0.f);
  switch (interest.normalizer) {
    case Normalizer::raw:
      break;
    case Normalizer::softmax:
      softmax(kernels, history, padding, weights);
      break;
    case Normalizer::sigmoid:
      kernels.rows.probability(weights, rows);
      break;
    case Normalizer::one:
      std::fill_n(weights, rows, 1.f);
      break;
  }
  mask(history, weights, 0);
  const bool counts = interest.pads == Pads::attend ||
                      (interest.pads == Pads::zero_logit && interest.normalizer == Normalizer::softmax);
  float sum = 0;
  for (std::size_t i = length; counts && i < rows; ++i) sum += weights[i];
  pad = sum * static_cast<float>(padding.each);
  if (interest.pooling == format::Pooling::mean) {
    kernels.scale(weights, length + 1, 1 / static_cast<float>(mean_count(interest, history)));
  }
}

}  // namespace dinghy::scoring
