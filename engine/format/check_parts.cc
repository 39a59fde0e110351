// The parts that a tower or an MLP takes, and the MLPs.
#include "engine/format/check_parts.h"

#include <cstdio>

namespace dinghy::format {
namespace {

std::uint32_t last_width(const Layers& layers) noexcept { return layers.Get(layers.size() - 1)->weight()->cols(); }

/// Width of the vector that an operand is cut from; 0 when it does not exist.
std::uint32_t source_width(const File& file, const Operand& operand, std::uint32_t mlps) noexcept {
  const Model& model = *file.model;
  switch (operand.source()) {
    case Source::feature: {
      if (operand.index() >= model.features()->size()) return 0;
      const Feature& f = *model.features()->Get(operand.index());
      return f.role() == Role::history ? 0 : f.width();
    }
    case Source::interest: {
      if (operand.index() >= count(model.interests())) return 0;
      const Interest& interest = *model.interests()->Get(operand.index());
      return count(interest.post_layers()) == 0 ? key_width(file, interest) : last_width(*interest.post_layers());
    }
    case Source::history_sum:
    case Source::history_mean: {
      if (operand.index() >= model.features()->size()) return 0;
      const Feature& f = *model.features()->Get(operand.index());
      return f.sequence() < 0 ? 0 : f.width();
    }
    case Source::mlp:
      return operand.index() < mlps ? last_width(*model.mlps()->Get(operand.index())->layers()) : 0;
  }
  return 0;
}

Status check_operand(const File& file, const Operand& operand, std::uint32_t mlps, const char* place) noexcept {
  const std::uint32_t width = source_width(file, operand, mlps);
  if (width == 0) return Status::error(Code::bad_file, "%s: its source does not exist", place);
  if (operand.width() == 0 || operand.begin() > width || operand.width() > width - operand.begin()) {
    return Status::error(Code::bad_file, "%s: begin and width reach outside its source", place);
  }
  if (operand.pad_to() > kMaxWidth) return Status::error(Code::bad_file, "%s: pad_to is over 65536", place);
  return Status();
}

}  // namespace

Status check_parts(const File& file, const Parts& parts, std::uint32_t mlps, const char* owner,
                   std::uint32_t& width) noexcept {
  std::uint64_t sum = 0;
  if (parts.size() > kMaxObjects) return Status::error(Code::bad_file, "%s parts: more than %u", owner, kMaxObjects);
  for (flatbuffers::uoffset_t i = 0; i < parts.size(); ++i) {
    const Part& part = *parts.Get(i);
    char place[128];
    std::snprintf(place, sizeof place, "%s parts[%u]", owner, i);
    if (Status status = check_operand(file, *part.operand(), mlps, place); !status) return status;
    if (part.times() != nullptr) {
      if (Status status = check_operand(file, *part.times(), mlps, place); !status) return status;
      if (part.times()->width() != part.operand()->width()) {
        return Status::error(Code::bad_file, "%s: a product of different widths", place);
      }
    }
    sum += part.operand()->width();
  }
  if (sum == 0 || sum > kMaxInput) {
    return Status::error(Code::bad_file, "%s parts: none, or wider than 262144 together", owner);
  }
  width = static_cast<std::uint32_t>(sum);
  return Status();
}

Status check_mlps(const File& file) noexcept {
  for (std::uint32_t i = 0; i < count(file.model->mlps()); ++i) {
    const Mlp& mlp = *file.model->mlps()->Get(i);
    char owner[96], place[112];
    std::snprintf(owner, sizeof owner, "mlps[%u] '%.48s'", i, mlp.name()->c_str());
    std::uint32_t width = 0, result = 0;
    if (Status status = check_parts(file, *mlp.parts(), i, owner, width); !status) return status;
    if (mlp.layers()->size() == 0) return Status::error(Code::bad_file, "%s: no layers", owner);
    std::snprintf(place, sizeof place, "%s layers", owner);
    if (Status status = check_layers(file, mlp.layers(), width, place, result); !status) return status;
  }
  return Status();
}

}  // namespace dinghy::format
