// What the weights of a pooled history are as a function of a score, for behaviours and for padding.
#pragma once

#include <vector>

#include "converter/presets/codes/onnx/graph_conversion.h"

namespace dinghy::converter {

struct HistoryMask {
  enum class Kind { none, length, ids, marks };
  Kind kind = Kind::none;
  format::Mask rule = format::Mask::length;  // kind ids
  // ids: compared with pad_id; marks: one that tells behaviours from padding; length: their number.
  std::vector<const Expression*> inputs = {};
  std::int64_t pad_id = 0;                        // kind ids
  format::PadSide side = format::PadSide::right;  // kind length
  bool marks_behaviours = true;                   // kind marks: not 0 there, else not 0 at padding
  bool assumes_ones = false;                      // kind marks: other numbers than 0 and 1 would be factors

  bool operator==(const HistoryMask&) const = default;
};

/// The scores that a function is computed for, and what it gives for each.
constexpr double kProbedScores[] = {-2, 0, 3, -0.5, 1.7};
using ScoreValues = std::vector<double>;

bool are_all(const ScoreValues& values, double number);
/// Whether a softmax makes nothing of them.
bool are_masked(const ScoreValues& values);

class WeightFunction {
 public:
  /// Finds out by computing it. Throws Error where it depends on several scores, or where which behaviours count is not
  /// understood.
  WeightFunction(const GraphConversion& graph, const Expression* function);

  /// What depends on query and key; nullptr: nothing.
  const Expression* score() const { return score_; }
  const HistoryMask& mask() const { return mask_; }
  const ScoreValues& of_behaviours() const { return real_; }
  const ScoreValues& of_padding() const { return pad_; }

 private:
  struct State {
    std::vector<double> inputs;
    std::size_t place = 0;
  };

  [[noreturn]] void fail() const;
  ScoreValues at(const State& state) const;
  ScoreValues at_all(double number) const;
  bool is_real(const State& state) const;
  std::vector<double> probed_ids() const;
  void find_mask();
  void find_id_mask();
  format::Mask rule_of_columns(double pad) const;
  void find_mark_mask();
  void find_length_mask();

  const GraphConversion& graph_;
  const Expression* function_;
  const Expression* score_ = nullptr;
  std::vector<const Expression*> inputs_;
  ScoreValues real_, pad_;
  HistoryMask mask_;
};

}  // namespace dinghy::converter
