#include "engine/format/verify.h"

namespace dinghy::format {
namespace {

Status check_needs(const Model& model) noexcept {
  // Abilities that files may ask for. This engine has none beyond the schema's base; the names are in model.fbs.
  if (count(model.needs()) == 0) return Status();
  return Status::error(Code::unsupported, "the model needs '%.64s', which this engine does not have: use a newer one",
                       model.needs()->Get(0)->c_str());
}

Status check_counts(const Model& model) noexcept {
  const struct {
    const char* name;
    std::uint32_t count;
  } vectors[] = {
      {"tables", count(model.tables())},       {"vocabularies", count(model.vocabularies())},
      {"features", count(model.features())},   {"sequences", count(model.sequences())},
      {"interests", count(model.interests())}, {"tower.parts", count(model.tower()->parts())},
  };
  for (const auto& vector : vectors) {
    if (vector.count > kMaxObjects) return Status::error(Code::bad_file, "%s: more than %u", vector.name, kMaxObjects);
  }
  if (count(model.mlps()) != 0) {
    return Status::error(Code::unsupported, "mlps: this engine has no towers by feature group: use a newer one");
  }
  if (model.compute() != Compute::f32) {
    return Status::error(Code::unsupported, "compute: this engine has no integer arithmetic: use a newer one");
  }
  return Status();
}

}  // namespace

Status verify(const File& file) noexcept {
  Status (*const checks[])(const File&) noexcept = {&check_vocabularies, &check_tables,    &check_sequences,
                                                    &check_features,     &check_interests, &check_tower,
                                                    &check_golden};
  if (Status status = check_needs(*file.model); !status) return status;
  if (Status status = check_counts(*file.model); !status) return status;
  for (const auto check : checks) {
    if (Status status = check(file); !status) return status;
  }
  return Status();
}

}  // namespace dinghy::format
