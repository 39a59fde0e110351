#include "engine/scoring/known_pairs.h"

#include <algorithm>
#include <span>

#include "engine/scoring/integer_unit.h"

namespace dinghy::scoring {
namespace {

// Where nothing is to be found, asking and keeping would cost a tenth of a request and more: so some candidates are
// tried, and where less than one of kTriedPairs pairs is known, in a memo that is nearly full, only these are asked
// about and kept. Not where each pair has its own place: it would never hold the last of them.
constexpr std::size_t kTriedCandidates = 4;
constexpr std::size_t kTriedPairs = 32;

bool is_nearly_full(const memo::Part& part) noexcept {
  if (part.sizes.shape.layout == memo::Layout::dense) return false;
  const std::uint64_t stored =
      part.kept.load(std::memory_order_relaxed) - part.replaced.load(std::memory_order_relaxed);
  return stored >= part.room() / 4 * 3;
}

/// numbers[i] of the item in row `which[i]`, or in row i where it is null.
void number_items(const Unit& u, const MarkedRows& rows, const std::uint32_t* which, std::size_t count,
                  std::uint64_t* tuples, std::uint32_t* numbers) noexcept {
  std::uint64_t* to = tuples;
  for (std::size_t i = 0; i < count; ++i) {
    const network::RowMark* const marks = rows.marks + (which == nullptr ? i : which[i]) * rows.stride;
    for (const network::Field& field : u.interest.fields) *to++ = marks[field.*rows.column];
  }
  u.memo->numbers().find_or_insert(tuples, count, numbers);
}

/// Some rows of `from`, side by side in `to`.
Rows gather(float* to, std::size_t stride, Rows from, std::size_t width, std::span<const std::uint32_t> rows) noexcept {
  for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(from.at(rows[i]), width, to + i * stride);
  return {to, stride};
}

IntegerKeys gather(const IntegerKeys& to, const IntegerKeys& from, std::size_t words,
                   std::span<const std::uint32_t> rows) noexcept {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(from.words + rows[i] * words, words, to.words + i * words);
    to.scale[i] = from.scale[rows[i]];
  }
  std::fill_n(to.scale + rows.size(), kernels::kAttentionBlock, 0.f);  // as kernels::Quantization leaves them
  return to;
}

}  // namespace

KnownPairs::KnownPairs(const Unit& u, const Behaviors& behaviors, const KeyPlan& plan, const CandidateOrder& order,
                       const MemoScratch& scratch) noexcept
    : part_(u.memo), scratch_(scratch), rows_(plan.rows) {
  if (!kHasMemo || part_ == nullptr) return;
  const std::size_t candidates = u.candidates.count;
  number_items(u, marked_rows(u.candidates), nullptr, candidates, scratch.tuples, scratch.queries);
  number_items(u, marked_rows(behaviors), plan.first_behavior, rows_, scratch.tuples, scratch.behaviors);
  step_ = 1;
  if (!is_nearly_full(*part_)) return;
  const std::size_t tries = std::min(candidates, kTriedCandidates);
  std::size_t missing = 0;
  for (std::size_t i = 0; i < tries; ++i) {
    const std::size_t at = i * (candidates / tries);
    missing += find(order.candidate == nullptr ? at : order.candidate[at]);
  }
  if ((tries * rows_ - missing) * kTriedPairs < tries * rows_) step_ = candidates / tries;
  found_ = computed_ = 0;  // these are asked about once more
}

KnownPairs::~KnownPairs() {
  if (part_ == nullptr) return;
  part_->found.fetch_add(found_, std::memory_order_relaxed);
  part_->computed.fetch_add(computed_, std::memory_order_relaxed);
  part_->kept.fetch_add(kept_, std::memory_order_relaxed);
  part_->replaced.fetch_add(replaced_, std::memory_order_relaxed);
}

void KnownPairs::expect(std::size_t n) const noexcept {
  part_->pairs().prefetch(scratch_.queries[n], scratch_.behaviors, rows_);
}

std::size_t KnownPairs::find(std::size_t n) noexcept {
  const std::size_t missing =
      part_->pairs().find(scratch_.queries[n], scratch_.behaviors, rows_, scratch_.logits, scratch_.missing);
  found_ += rows_ - missing;
  computed_ += missing;
  return missing;
}

KeyPlan KnownPairs::missing_rows(const Unit& u, const KeyPlan& plan, std::size_t missing,
                                 bool own_coarse) const noexcept {
  const std::uint32_t* const rows = scratch_.missing;
  KeyPlan some = plan;
  some.rows = missing;
  some.behavior = some.first_behavior = nullptr;
  for (std::size_t i = 0; i < missing && plan.coarse_rows > 0; ++i) scratch_.coarse_row[i] = plan.coarse_row[rows[i]];
  if (own_coarse) {
    some.coarse_rows = missing;
    some.coarse_row = scratch_.identity;
    some.coarse = gather(scratch_.coarse_keys, scratch_.key_stride, plan.coarse, u.interest.coarse.width,
                         {scratch_.coarse_row, missing});
  } else if (plan.coarse_rows > 0) {
    some.coarse_row = scratch_.coarse_row;
  }
  if (!plan.is_quantized()) {
    some.keys = gather(scratch_.keys, scratch_.key_stride, plan.keys, u.interest.fine.width, {rows, missing});
    return some;
  }
  some.integers = gather(scratch_.integers, plan.integers, words_of(u, u.interest.fine), {rows, missing});
  if (own_coarse) {
    some.coarse_integers = gather(scratch_.coarse_integers, plan.coarse_integers, words_of(u, u.interest.coarse),
                                  {scratch_.coarse_row, missing});
  }
  return some;
}

void KnownPairs::fill_in(std::size_t missing, const float* computed) noexcept {
  for (std::size_t i = 0; i < missing; ++i) scratch_.logits[scratch_.missing[i]] = computed[i];
}

void KnownPairs::keep(std::size_t n, std::size_t missing, const float* logits) noexcept {
  const memo::PairTable::Inserted inserted =
      part_->pairs().insert(scratch_.queries[n], scratch_.behaviors, scratch_.missing, missing, logits);
  kept_ += inserted.inserted;
  replaced_ += inserted.replaced;
}

}  // namespace dinghy::scoring
