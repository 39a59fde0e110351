#include "engine/network/coarse_fields.h"

#include <algorithm>
#include <numeric>

namespace dinghy::network {
namespace {

constexpr std::uint64_t kCoarse = 4;

/// Marks the coarse fields, table size after table size; each beyond 1 halves what is left, so there are few.
void mark_coarse(const Model& model, const Interest& interest, Array<bool>& coarse) noexcept {
  const auto rows = [&](std::size_t f) {
    const Field& field = interest.fields[f];
    return field.is_id ? key_table(model, interest, field)->all_rows() : 0;
  };
  std::uint64_t combinations = 0;
  for (std::size_t f = 0; f < coarse.size(); ++f) combinations = std::max(combinations, rows(f) / kCoarse);
  for (std::uint64_t size = 1; size <= combinations; ++size) {
    std::uint64_t next = combinations + 1;
    for (std::size_t f = 0; f < coarse.size(); ++f) {
      if (rows(f) >= size) next = std::min(next, rows(f));
    }
    size = next;
    for (std::size_t f = 0; f < coarse.size(); ++f) {
      if (rows(f) != size || size > combinations) continue;
      combinations /= size;
      coarse[f] = true;
    }
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
    mark_coarse(model, interest, is_coarse);
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
