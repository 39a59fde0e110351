#include "engine/network/coarse_fields.h"

#include <algorithm>
#include <numeric>

namespace dinghy::network {
namespace {

constexpr std::uint64_t kCoarse = 4;

/// The rows that a key of the field may come from.
std::uint64_t key_rows(const Model& model, const Interest& interest, const Field& field) noexcept {
  const Sequence& sequence = model.sequences[interest.sequence];
  return model.features[sequence.features[field.key_column]].history_table->count;
}

/// Marks the coarse fields; `coarse` and `order` have an entry for each field.
void mark_coarse(const Model& model, const Interest& interest, std::span<bool> coarse,
                 std::span<std::uint32_t> order) noexcept {
  const auto rows = [&](std::uint32_t f) {
    const Field& field = interest.fields[f];
    return field.is_id ? key_rows(model, interest, field) : 0;
  };
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return rows(a) != rows(b) ? rows(a) < rows(b) : a < b; });
  std::uint64_t combinations = rows(order.back()) / kCoarse;
  for (const std::uint32_t f : order) {
    if (rows(f) == 0) continue;
    if (rows(f) > combinations) return;
    combinations /= rows(f);
    coarse[f] = true;
  }
}

FieldGroup group(const Interest& interest, std::span<const std::uint32_t> fields) noexcept {
  FieldGroup group;
  group.fields = fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    group.width += interest.fields[fields[i]].width;
    group.in_one_piece = group.in_one_piece && fields[i] == fields[0] + i;
  }
  return group;
}

}  // namespace

bool group_fields(const Model& model, Interest& interest) noexcept {
  const auto count = static_cast<std::uint32_t>(interest.fields.size());
  Array<bool> is_coarse;
  if (!interest.grouped_fields.allocate(2 * count) || !is_coarse.allocate(count)) return false;
  interest.ids_only =
      std::all_of(interest.fields.begin(), interest.fields.end(), [](const Field& field) { return field.is_id; });
  std::uint32_t* const all = interest.grouped_fields.begin();
  std::uint32_t* const grouped = all + count;
  if (interest.score == format::Score::mlp && interest.positions == 0) {
    mark_coarse(model, interest, {is_coarse.begin(), count}, {all, count});
  }
  std::iota(all, grouped, 0u);
  std::uint32_t* const coarse = std::copy_if(all, grouped, grouped, [&](std::uint32_t f) { return !is_coarse[f]; });
  std::copy_if(all, grouped, coarse, [&](std::uint32_t f) { return is_coarse[f]; });
  interest.all = group(interest, {all, grouped});
  interest.fine = group(interest, {grouped, coarse});
  interest.coarse = group(interest, {coarse, grouped + count});
  return true;
}

}  // namespace dinghy::network
