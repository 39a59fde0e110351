#include "engine/scoring/key_plan.h"

#include <algorithm>

namespace dinghy::scoring {
namespace {

using network::FieldGroup;
using network::Interest;

// Looking for repetitions costs a few hundred nanoseconds per behaviour history; below these sizes the pairs themselves
// are cheaper.
constexpr std::size_t kMinPlanCandidates = 4;
constexpr std::size_t kMinPlanBehaviors = 16;

/// One interest's behaviours of a call, and where they are looked through.
struct Repeats {
  const Interest& interest;
  const Behaviors& behaviors;
  const PlanScratch& scratch;
  const DistinctScratch& distinct;

  /// Numbers the behaviours by some fields; returns how many differ.
  std::size_t group(const FieldGroup& by, std::uint32_t* number, std::uint32_t* first) const noexcept {
    return group_rows(marked_rows(behaviors), interest, by, distinct, number, first);
  }

  /// The keys' fields of a group for the behaviours row_of[0 … rows), or for all in their order where it is null: where
  /// they lie, or side by side in `to`.
  Rows fields_of(const FieldGroup& of, const std::uint32_t* row_of, std::size_t rows, float* to) const noexcept {
    const Rows keys = behaviors.keys;
    const std::size_t begin = interest.fields[of.fields[0]].begin;
    if (row_of == nullptr && of.in_one_piece) return {keys.data + begin, keys.stride};
    for (std::size_t r = 0; r < rows; ++r) {
      const float* const key = keys.at(row_of == nullptr ? r : row_of[r]);
      float* out = to + r * scratch.key_stride;
      for (const std::uint32_t f : of.fields) {
        out = std::copy_n(key + interest.fields[f].begin, interest.fields[f].width, out);
      }
    }
    return {to, scratch.key_stride};
  }
};

/// Behaviours that are equal in all fields go through the unit once.
void share_behaviors(const Repeats& of, KeyPlan& plan) noexcept {
  if (!of.interest.ids_only) return;
  plan.rows = of.group(of.interest.all, of.scratch.behavior_group, of.scratch.behavior_first);
  if (plan.rows == of.behaviors.count) return;
  plan.behavior = of.scratch.behavior_group;
  plan.first_behavior = of.scratch.behavior_first;
}

/// Takes the coarse fields apart, each of their distinct values once.
void cut_coarse(const Repeats& of, KeyPlan& plan) noexcept {
  const FieldGroup& coarse = of.interest.coarse;
  const PlanScratch& scratch = of.scratch;
  const std::size_t count = of.behaviors.count;
  if (coarse.fields.empty()) return;
  std::size_t values = count;
  if (plan.looks) values = of.group(coarse, scratch.coarse_group, scratch.coarse_first);
  plan.coarse_rows = values;
  plan.coarse = of.fields_of(coarse, values < count ? scratch.coarse_first : nullptr, values, scratch.coarse_keys);
  if (values == count) {
    plan.coarse_row = scratch.identity;
    return;
  }
  if (plan.behavior != nullptr) {
    // From "the coarse row of behaviour t" to that of distinct behaviour r, in place: first[r] >= r.
    for (std::size_t r = 0; r < plan.rows; ++r) scratch.coarse_group[r] = scratch.coarse_group[plan.first_behavior[r]];
  }
  plan.coarse_row = scratch.coarse_group;
}

}  // namespace

KeyPlan plan_keys(const Interest& interest, const Behaviors& behaviors, std::size_t candidates,
                  const PlanScratch& scratch, const DistinctScratch& distinct) noexcept {
  const Repeats of{.interest = interest, .behaviors = behaviors, .scratch = scratch, .distinct = distinct};
  KeyPlan plan;
  plan.rows = behaviors.count;
  plan.looks =
      candidates >= kMinPlanCandidates && behaviors.count >= kMinPlanBehaviors && interest.score != format::Score::dot;
  if (plan.looks) share_behaviors(of, plan);
  cut_coarse(of, plan);
  plan.keys = of.fields_of(interest.fine, plan.first_behavior, plan.rows, scratch.fine_keys);
  return plan;
}

}  // namespace dinghy::scoring
