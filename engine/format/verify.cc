#include "engine/format/verify.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace dinghy::format {
namespace {

Status check_needs(const Model& model) noexcept {
  constexpr std::string_view kAbilities[] = {"mlps", "prelu_position"};  // as model.fbs names them
  for (std::uint32_t i = 0; i < count(model.needs()); ++i) {
    const std::string_view need = model.needs()->Get(i)->string_view();
    if (std::find(std::begin(kAbilities), std::end(kAbilities), need) != std::end(kAbilities)) continue;
    return Status::error(Code::unsupported, "the model needs '%.64s', which this engine does not have: use a newer one",
                         model.needs()->Get(i)->c_str());
  }
  return Status();
}

Status check_counts(const Model& model) noexcept {
  const struct {
    const char* name;
    std::uint32_t count;
    std::uint32_t most = kMaxObjects;
  } vectors[] = {
      {"tables", count(model.tables())},
      {"vocabularies", count(model.vocabularies())},
      {"features", count(model.features())},
      {"sequences", count(model.sequences())},
      {"interests", count(model.interests()), kMaxInterests},
      {"mlps", count(model.mlps())},
      {"needs", count(model.needs())},
  };
  for (const auto& vector : vectors) {
    if (vector.count > vector.most) return Status::error(Code::bad_file, "%s: more than %u", vector.name, vector.most);
  }
  if (model.compute() > Compute::int8) {
    return Status::error(Code::unsupported, "compute: %u is none that this engine knows: use a newer one",
                         static_cast<unsigned>(model.compute()));
  }
  return Status();
}

}  // namespace

Status verify(const File& file) noexcept {
  Status (*const checks[])(const File&) noexcept = {
      &check_dense_total, &check_vocabularies, &check_tables, &check_sequences, &check_features,
      &check_interests,   &check_mlps,         &check_tower,  &check_golden,    &check_row_total};
  if (Status status = check_needs(*file.model); !status) return status;
  if (Status status = check_counts(*file.model); !status) return status;
  for (const auto check : checks) {
    if (Status status = check(file); !status) return status;
  }
  return Status();
}

}  // namespace dinghy::format
