// What was computed once is looked up: logits of pairs of items, kept from call to call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dinghy/model.h"
#include "dinghy/scorer.h"
#include "dinghy/status.h"

namespace dinghy {

struct PairMemoOptions {
  std::size_t bytes = std::size_t{64} << 20;  // at most; create() takes them at once, and nothing later
  /// Items that can be told apart, as candidates and as behaviours: combinations of the fields that the unit takes. 0:
  /// as many as the largest table of the fields has rows, right where an item decides its other fields.
  std::size_t items = 0;
  std::string_view isa = {};  // as in ScorerOptions, and likewise the next
  Integers integers = Integers::when_faster;
};

/// A memo of the local activation unit: the logit of a candidate and a behaviour is a function of the two items' rows
/// and of nothing else (Scorer::score), so it is computed once and then looked up, by every scorer that was given the
/// memo. It is worth its memory where items come again: users who share items, the next page, a history that a click
/// changes. Scores with a memo are those without, bit for bit, whatever it holds.
///
/// Where there are four bytes for each pair of items, each pair has a place; else they share places, eight bytes each,
/// and a new pair takes that of an old one. Where few pairs of a call are found in a memo that is nearly full, most are
/// neither looked for nor kept.
///
/// A handle of one pointer, cheap to copy; the memory lives until the last handle and the last scorer with it are gone.
/// Any number of threads use it at once, without locks.
class PairMemo {
 public:
  /// A memo without a pair. The scorers that it serves must run on the same ISA and in the same arithmetic, which
  /// `options` choose as ScorerOptions do. Errors: unsupported (no interest has a local activation unit; one has layers
  /// by position, bags or numbers: the message names it; a build without memo), invalid_argument (too few bytes: the
  /// message says how many it takes), unknown_isa, unavailable_isa, out_of_memory.
  static Result<PairMemo> create(const Model& model, const PairMemoOptions& options = {}) noexcept;

  PairMemo(const PairMemo& other) noexcept;  // moves too: no handle is ever empty
  PairMemo& operator=(PairMemo other) noexcept;
  ~PairMemo();

  /// Since create(), over all interests and scorers. Several threads count at once, so while they score the numbers
  /// need not fit each other.
  struct Counters {
    std::uint64_t found = 0;     // pairs that were looked up
    std::uint64_t computed = 0;  // pairs that were looked for and not there
    std::uint64_t kept = 0;      // computed pairs that were put in,
    std::uint64_t replaced = 0;  // of them in the place of another
    std::uint64_t items = 0;     // that have a number
    std::uint64_t room = 0;      // for how many pairs there are places
  };
  Counters counters() const noexcept;

  /// What create() took.
  std::size_t bytes() const noexcept;

  struct Data;
  /// For the engine's own files.
  Data* internal() const noexcept { return data_; }

 private:
  explicit PairMemo(Data* data) noexcept : data_(data) {}
  Data* data_;
};

}  // namespace dinghy
