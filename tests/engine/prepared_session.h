// Calls whose arguments are all ready, so that a test can watch nothing but the engine.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dinghy/pair_memo.h"
#include "tests/engine/request.h"

namespace dinghy::tests {

/// A memo that these requests soon fill.
PairMemo small_memo(const Model& model, const std::string& isa);

/// Requests of many sizes for one model on one ISA, and wrong ones; run() makes every call of the engine's scoring part
/// with them.
class PreparedSession {
 public:
  static constexpr std::size_t kMaxCandidates = 60, kMaxHistory = 30;

  PreparedSession(const Model& model, const std::string& isa, const PairMemo* memo = nullptr);

  /// Counts of calls, for the test to see that they ended as they should.
  struct Outcome {
    std::size_t succeeded = 0, refused = 0;
    bool operator==(const Outcome&) const = default;
  };
  /// set, score with attention, append, rescore, score for each request.
  Outcome run() noexcept;
  /// The same with wrong columns, ids without a row, too many candidates, too little room.
  Outcome run_wrong() noexcept;

  std::size_t requests() const { return prepared_.size(); }

 private:
  struct Prepared {
    Request request, click, unknown;
    std::vector<Column> user, history, candidates, behavior, unknown_candidates, unknown_history;
    std::vector<float> scores, attention;
  };

  std::vector<Prepared> prepared_;
  UserState user_;
  Scorer scorer_;
};

}  // namespace dinghy::tests
