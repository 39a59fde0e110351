#include "engine/network/read.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "engine/format/bounds.h"
#include "engine/network/derive.h"
#include "engine/network/read_layers.h"

namespace dinghy::network {
namespace {

using format::count;

Status check_needs(const format::Model& model) noexcept {
  // As model.fbs names them.
  constexpr std::string_view kAbilities[] = {"mlps", "prelu_position", "pad_vector", "column_sizes", "remote"};
  for (std::uint32_t i = 0; i < count(model.needs()); ++i) {
    const std::string_view need = model.needs()->Get(i)->string_view();
    if (std::find(std::begin(kAbilities), std::end(kAbilities), need) != std::end(kAbilities)) continue;
    return Status::error(Code::unsupported, "the model needs '%.64s', which this engine does not have: use a newer one",
                         model.needs()->Get(i)->c_str());
  }
  return Status();
}

Status check_counts(const format::Model& model) noexcept {
  const struct {
    const char* name;
    std::uint32_t count;
    std::uint32_t most = format::kMaxObjects;
  } vectors[] = {
      {"tables", count(model.tables())},
      {"vocabularies", count(model.vocabularies())},
      {"features", count(model.features())},
      {"sequences", count(model.sequences())},
      {"interests", count(model.interests()), format::kMaxInterests},
      {"mlps", count(model.mlps())},
      {"needs", count(model.needs())},
      {"bytes of version", count(model.version()), format::kMaxName},
  };
  for (const auto& vector : vectors) {
    if (vector.count > vector.most) return Status::error(Code::bad_file, "%s: more than %u", vector.name, vector.most);
  }
  return Status();
}

Status read_compute(Model& model) noexcept {
  model.compute = model.file.model().compute();
  if (model.compute <= format::Compute::MAX) return Status();
  return Status::error(Code::unsupported, "compute: %u is none that this engine knows: use a newer one",
                       static_cast<unsigned>(model.compute));
}

}  // namespace

Status no_memory() noexcept { return Status::error(Code::out_of_memory, "no memory for the network's description"); }

Status read_network(Model& model) noexcept {
  if (Status status = check_needs(model.file.model()); !status) return status;
  if (Status status = check_counts(model.file.model()); !status) return status;
  if (Status status = read_compute(model); !status) return status;
  LayerReader layers(model.file);
  if (Status status = read_tables(model, layers); !status) return status;
  if (Status status = read_features(model, layers); !status) return status;
  if (Status status = read_interests(model, layers); !status) return status;
  if (Status status = read_tower(model, layers); !status) return status;
  return derive(model);
}

}  // namespace dinghy::network
