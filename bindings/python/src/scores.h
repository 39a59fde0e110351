// What a call gives back: arrays of NumPy.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <span>
#include <vector>

#include "dinghy/scorer.h"

namespace dinghy::python {

/// A new float32 array, which the engine writes to. Needs the GIL.
class ScoreArray {
 public:
  explicit ScoreArray(std::size_t size);
  std::span<float> span() const noexcept { return span_; }
  nanobind::object take() { return std::move(array_); }

 private:
  nanobind::object array_;
  std::span<float> span_;
};

/// The attention weights of a call: one block for each interest, filled without the GIL.
class AttentionWeights {
 public:
  /// Makes room for the user's behaviours. Errors: out_of_memory.
  Status allocate(const Model& model, const UserState& user, std::size_t candidates) noexcept;
  std::span<float> span() const noexcept { return {weights_.get(), size_}; }

  /// A list of arrays [candidate][behaviour], one for each interest, that share this memory. Needs the GIL.
  nanobind::list take();

 private:
  std::unique_ptr<float[]> weights_;
  std::size_t size_ = 0, candidates_ = 0;
  std::vector<std::size_t> lengths_;
};

/// (scores, weights), or scores alone.
nanobind::object result_of(ScoreArray& scores, AttentionWeights& weights, bool attention);

}  // namespace dinghy::python
