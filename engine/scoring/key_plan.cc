#include "engine/scoring/key_plan.h"

#include <algorithm>
#include <numeric>

#include "engine/scoring/distinct.h"

namespace dinghy::scoring {
namespace {

using network::Interest;

// Looking for repetitions costs a few hundred nanoseconds per field and behaviour history; below these sizes the pairs
// themselves are cheaper.
constexpr std::size_t kMinPlanCandidates = 4;
constexpr std::size_t kMinPlanBehaviors = 16;
constexpr std::size_t kMaxFields = 16;

/// The grouping of behaviours by some fields, into shared_group and shared_first.
std::size_t group_by(Scorer::Data& data, const Interest& interest, const network::History& history, std::size_t columns,
                     const std::uint32_t* fields, std::size_t count, std::size_t behaviors, std::uint32_t* group,
                     std::uint32_t* first) noexcept {
  for (std::size_t i = 0; i < count; ++i) data.field_columns[i] = interest.fields[fields[i]].key_column;
  return group_rows({history.tokens, columns, data.field_columns, count}, behaviors, data.slots, group, first);
}

/// Copies some fields of the keys in `row_of` into packed rows.
void pack(const Interest& interest, const std::uint32_t* fields, std::size_t count, Rows keys,
          const std::uint32_t* row_of, std::size_t rows, float* out, std::size_t stride) noexcept {
  for (std::size_t r = 0; r < rows; ++r) {
    const float* const key = keys.at(row_of[r]);
    float* to = out + r * stride;
    for (std::size_t i = 0; i < count; ++i) {
      const network::Field& field = interest.fields[fields[i]];
      to = std::copy_n(key + field.begin, field.width, to);
    }
  }
}

std::size_t width_of(const Interest& interest, const std::uint32_t* fields, std::size_t count) noexcept {
  std::size_t width = 0;
  for (std::size_t i = 0; i < count; ++i) width += interest.fields[fields[i]].width;
  return width;
}

/// Orders the fields so that those worth sharing come last, and returns how many they are: the coarsest ones whose
/// distinct combinations are at most half of `rows`. Fields that are no ids are never shared.
std::size_t choose_shared(Scorer::Data& data, const Interest& interest, const network::History& history,
                          std::size_t columns, std::size_t behaviors, std::size_t rows) noexcept {
  const std::size_t count = interest.fields.size();
  std::size_t values[kMaxFields];
  for (std::uint32_t f = 0; f < count; ++f) {
    data.field_order[f] = f;
    values[f] = interest.fields[f].is_id
                    ? group_by(data, interest, history, columns, &f, 1, behaviors, data.shared_group, data.shared_first)
                    : behaviors + 1;
  }
  std::sort(data.field_order, data.field_order + count,
            [&](std::uint32_t a, std::uint32_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
  std::size_t shared = 0;
  while (shared < count) {
    const std::uint32_t* const fields = data.field_order + count - shared - 1;
    if (values[*fields] > rows / 2) break;
    if (group_by(data, interest, history, columns, fields, shared + 1, behaviors, data.shared_group,
                 data.shared_first) > rows / 2)
      break;
    ++shared;
  }
  return shared;
}

}  // namespace

KeyPlan plan_keys(Scorer::Data& data, const Interest& interest, const network::History& history, std::size_t columns,
                  Rows keys, std::size_t behaviors) noexcept {
  KeyPlan plan;
  plan.direct = keys;
  plan.direct_width = interest.width;
  plan.rows = behaviors;
  const std::size_t count = interest.fields.size();
  const auto in_order = [&] { std::iota(data.field_order, data.field_order + count, 0u); };
  in_order();
  plan.fields = data.field_order;
  plan.direct_fields = count;
  if (data.count < kMinPlanCandidates || behaviors < kMinPlanBehaviors || count > kMaxFields ||
      interest.score == format::Score::dot) {
    return plan;
  }
  plan.is_planned = true;
  const bool all_ids =
      std::all_of(interest.fields.begin(), interest.fields.end(), [](const network::Field& f) { return f.is_id; });
  for (std::uint32_t i = 0; i < behaviors; ++i) data.behavior_first[i] = i;
  if (all_ids) {
    plan.rows = group_by(data, interest, history, columns, data.field_order, count, behaviors, data.behavior_group,
                         data.behavior_first);
    if (plan.rows < behaviors) plan.behavior = data.behavior_group;
  }
  const std::size_t shared = choose_shared(data, interest, history, columns, behaviors, plan.rows);
  plan.direct_fields = count - shared;
  if (shared == 0 && plan.behavior == nullptr) {  // nothing repeats: the keys as they are, in their own order
    in_order();
    return plan;
  }
  const std::uint32_t* const shared_fields = data.field_order + plan.direct_fields;
  plan.direct_width = width_of(interest, data.field_order, plan.direct_fields);
  pack(interest, data.field_order, plan.direct_fields, keys, data.behavior_first, plan.rows, data.direct_keys,
       data.key_stride);
  plan.direct = {data.direct_keys, data.key_stride};
  if (shared == 0) return plan;
  plan.shared_rows = group_by(data, interest, history, columns, shared_fields, shared, behaviors, data.shared_group,
                              data.shared_first);
  plan.shared_width = width_of(interest, shared_fields, shared);
  pack(interest, shared_fields, shared, keys, data.shared_first, plan.shared_rows, data.shared_keys, data.key_stride);
  plan.shared = {data.shared_keys, data.key_stride};
  // From "the shared row of behaviour t" to "the shared row of distinct behaviour r", in place: first[r] >= r.
  for (std::size_t r = 0; r < plan.rows; ++r) data.shared_group[r] = data.shared_group[data.behavior_first[r]];
  plan.shared_row = data.shared_group;
  return plan;
}

}  // namespace dinghy::scoring
