#include "engine/scoring/key_plan.h"

#include <algorithm>

#include "engine/scoring/distinct.h"

namespace dinghy::scoring {
namespace {

using network::FieldGroup;
using network::Interest;

// Looking for repetitions costs a few hundred nanoseconds per behaviour history; below these sizes the pairs themselves
// are cheaper.
constexpr std::size_t kMinPlanCandidates = 4;
constexpr std::size_t kMinPlanBehaviors = 16;

/// One interest's behaviours of a call.
struct Behaviors {
  Scorer::Data& data;
  const Interest& interest;
  TokenRows tokens;
  Rows keys;
  std::size_t count;

  /// Numbers the behaviours by some fields; returns how many differ.
  std::size_t group(const FieldGroup& by, std::uint32_t* number, std::uint32_t* first) const noexcept {
    for (std::size_t i = 0; i < by.fields.size(); ++i) {
      data.field_columns[i] = interest.fields[by.fields[i]].key_column;
    }
    TokenRows columns = tokens;
    columns.columns = data.field_columns;
    columns.column_count = by.fields.size();
    return group_rows(columns, count, data.slots, number, first);
  }

  /// The keys' fields of a group for the behaviours row_of[0 … rows), or for all in their order where it is null: where
  /// they lie, or side by side in `to`.
  Rows fields_of(const FieldGroup& of, const std::uint32_t* row_of, std::size_t rows, float* to) const noexcept {
    const std::size_t begin = interest.fields[of.fields[0]].begin;
    if (row_of == nullptr && of.in_one_piece) return {keys.data + begin, keys.stride};
    for (std::size_t r = 0; r < rows; ++r) {
      const float* const key = keys.at(row_of == nullptr ? r : row_of[r]);
      float* out = to + r * data.key_stride;
      for (const std::uint32_t f : of.fields) {
        out = std::copy_n(key + interest.fields[f].begin, interest.fields[f].width, out);
      }
    }
    return {to, data.key_stride};
  }
};

/// Behaviours that are equal in all fields go through the unit once.
void share_behaviors(const Behaviors& of, KeyPlan& plan) noexcept {
  if (!of.interest.ids_only) return;
  plan.rows = of.group(of.interest.all, of.data.behavior_group, of.data.behavior_first);
  if (plan.rows < of.count) plan.behavior = of.data.behavior_group;
}

/// Takes the coarse fields apart, each of their distinct values once.
void cut_coarse(const Behaviors& of, KeyPlan& plan) noexcept {
  const FieldGroup& coarse = of.interest.coarse;
  Scorer::Data& data = of.data;
  if (coarse.fields.empty()) return;
  std::size_t values = of.count;
  if (plan.looks) values = of.group(coarse, data.coarse_group, data.coarse_first);
  plan.coarse_rows = values;
  plan.coarse = of.fields_of(coarse, values < of.count ? data.coarse_first : nullptr, values, data.coarse_keys);
  if (values == of.count) {
    plan.coarse_row = data.identity;
    return;
  }
  if (plan.behavior != nullptr) {
    // From "the coarse row of behaviour t" to that of distinct behaviour r, in place: first[r] >= r.
    for (std::size_t r = 0; r < plan.rows; ++r) data.coarse_group[r] = data.coarse_group[data.behavior_first[r]];
  }
  plan.coarse_row = data.coarse_group;
}

}  // namespace

KeyPlan plan_keys(Scorer::Data& data, const Interest& interest, const network::History& history, std::size_t columns,
                  Rows keys, std::size_t first, std::size_t count) noexcept {
  const Behaviors of{.data = data,
                     .interest = interest,
                     .tokens = {history.tokens + first * columns, columns},
                     .keys = {keys.at(first), keys.stride},
                     .count = count};
  KeyPlan plan;
  plan.rows = count;
  plan.looks = data.count >= kMinPlanCandidates && count >= kMinPlanBehaviors && interest.score != format::Score::dot;
  if (plan.looks) share_behaviors(of, plan);
  cut_coarse(of, plan);
  plan.keys =
      of.fields_of(interest.fine, plan.behavior != nullptr ? data.behavior_first : nullptr, plan.rows, data.fine_keys);
  return plan;
}

}  // namespace dinghy::scoring
