// The pairs of a call that a memo knows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/left_out.h"
#include "engine/memo/part.h"
#include "engine/scoring/unit.h"

namespace dinghy::scoring {

/// The pairs of some behaviours with all candidates: looked up, candidate by candidate, and kept behind. Without a memo
/// it asks for none.
class KnownPairs {
 public:
  /// Numbers the items of the candidates and of the plan's rows. `u.memo`, `scratch` and the plan outlive it.
  KnownPairs(const Unit& u, const Behaviors& behaviors, const KeyPlan& plan, const CandidateOrder& order,
             const MemoScratch& scratch) noexcept;
  KnownPairs(const KnownPairs&) = delete;
  KnownPairs& operator=(const KnownPairs&) = delete;
  /// Counts.
  ~KnownPairs();

  /// Whether the memo is asked about the candidate at place `i` of the order.
  bool asks(std::size_t i) const noexcept { return kHasMemo && step_ > 0 && i % step_ == 0; }
  bool asks_all() const noexcept { return kHasMemo && step_ == 1; }

  /// The logits of candidate `n` that are known, into logits(); returns how many rows of the plan are missing.
  std::size_t find(std::size_t n) noexcept;
  /// Candidate `n` is asked about soon: what find() reads then comes near meanwhile.
  void expect(std::size_t n) const noexcept;
  /// [rows of the plan] after find(); those of missing rows are anything until fill_in().
  const float* logits() const noexcept { return scratch_.logits; }
  /// The rows that find() missed, in their order, as a plan of their own; its coarse rows are the plan's or, with
  /// `own_coarse`, one for each missing row.
  KeyPlan missing_rows(const Unit& u, const KeyPlan& plan, std::size_t missing, bool own_coarse) const noexcept;
  /// Their logits, which belong into logits().
  void fill_in(std::size_t missing, const float* computed) noexcept;
  /// Keeps the logits of the rows that find() missed, of all rows of the plan.
  void keep(std::size_t n, std::size_t missing, const float* logits) noexcept;

 private:
  memo::Part* part_;
  const MemoScratch& scratch_;
  std::size_t rows_;
  std::size_t step_ = 0;
  std::uint64_t found_ = 0, computed_ = 0, kept_ = 0, replaced_ = 0;
};

}  // namespace dinghy::scoring
