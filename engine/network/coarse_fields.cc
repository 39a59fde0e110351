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
  std::uint64_t most = 0;
  for (const Field& field : interest.fields) {
    if (field.is_id) most = std::max(most, key_rows(model, interest, field));
  }
  interest.ids_only =
      std::all_of(interest.fields.begin(), interest.fields.end(), [](const Field& field) { return field.is_id; });
  const bool can_be_cut = interest.score == format::Score::mlp && interest.positions == 0;
  const auto is_fine = [&](const Field& field) {
    return !can_be_cut || !field.is_id || key_rows(model, interest, field) > most / kCoarse;
  };
  const auto count = static_cast<std::uint32_t>(interest.fields.size());
  if (!interest.grouped_fields.allocate(2 * count)) return false;
  std::uint32_t* const all = interest.grouped_fields.begin();
  std::uint32_t* const grouped = all + count;
  std::iota(all, grouped, 0u);
  std::uint32_t* const coarse =
      std::copy_if(all, grouped, grouped, [&](std::uint32_t f) { return is_fine(interest.fields[f]); });
  std::copy_if(all, grouped, coarse, [&](std::uint32_t f) { return !is_fine(interest.fields[f]); });
  interest.all = group(interest, {all, grouped});
  interest.fine = group(interest, {grouped, coarse});
  interest.coarse = group(interest, {coarse, grouped + count});
  return true;
}

}  // namespace dinghy::network
