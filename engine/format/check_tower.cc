// The tower's parts and layers, and the head.
#include <cmath>
#include <cstdio>

#include "engine/format/verify.h"

namespace dinghy::format {
namespace {

/// Width of the vector that an operand is cut from; 0 when it does not exist.
std::uint32_t source_width(const File& file, const Operand& operand) noexcept {
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
      const std::uint32_t layers = count(interest.post_layers());
      return layers == 0 ? key_width(file, interest) : interest.post_layers()->Get(layers - 1)->weight()->cols();
    }
    case Source::history_sum:
    case Source::history_mean: {
      if (operand.index() >= model.features()->size()) return 0;
      const Feature& f = *model.features()->Get(operand.index());
      return f.sequence() < 0 ? 0 : f.width();
    }
    case Source::mlp:
      return 0;
  }
  return 0;
}

Status check_operand(const File& file, const Operand& operand, std::uint32_t part) noexcept {
  const std::uint32_t width = source_width(file, operand);
  if (width == 0) return Status::error(Code::bad_file, "tower parts[%u]: its source does not exist", part);
  if (operand.width() == 0 || operand.begin() > width || operand.width() > width - operand.begin()) {
    return Status::error(Code::bad_file, "tower parts[%u]: begin and width reach outside its source", part);
  }
  if (operand.pad_to() > kMaxWidth) return Status::error(Code::bad_file, "tower parts[%u]: pad_to is over 65536", part);
  return Status();
}

Status check_parts(const File& file, std::uint64_t& width) noexcept {
  const auto& parts = *file.model->tower()->parts();
  width = 0;
  for (flatbuffers::uoffset_t i = 0; i < parts.size(); ++i) {
    const Part& part = *parts.Get(i);
    if (Status status = check_operand(file, *part.operand(), i); !status) return status;
    if (part.times() != nullptr) {
      if (Status status = check_operand(file, *part.times(), i); !status) return status;
      if (part.times()->width() != part.operand()->width()) {
        return Status::error(Code::bad_file, "tower parts[%u]: a product of different widths", i);
      }
    }
    width += part.operand()->width();
  }
  return Status();
}

KeyType key_type(const File& file, const EmbeddingTable& table) noexcept {
  if (table.vocabulary() < 0) return KeyType::int64;
  return file.model->vocabularies()->Get(static_cast<std::uint32_t>(table.vocabulary()))->key_type();
}

Status check_biases(const File& file, const Head& head) noexcept {
  const Model& model = *file.model;
  for (std::uint32_t i = 0; i < count(head.biases()); ++i) {
    const Bias& bias = *head.biases()->Get(i);
    if (bias.feature() >= model.features()->size() || bias.table() >= model.tables()->size()) {
      return Status::error(Code::bad_file, "head biases[%u]: a feature or table that does not exist", i);
    }
    const Feature& feature = *model.features()->Get(bias.feature());
    if (feature.kind() != FeatureKind::id || feature.role() == Role::history) {
      return Status::error(Code::bad_file, "head biases[%u]: not an id of user, context or candidate", i);
    }
    const EmbeddingTable& table = *model.tables()->Get(bias.table());
    const EmbeddingTable& ids = *model.tables()->Get(static_cast<std::uint32_t>(feature.table()));
    if (key_type(file, table) != key_type(file, ids)) {
      return Status::error(Code::bad_file, "head biases[%u]: its table takes other keys than its feature", i);
    }
    if (table.width() != 1) {
      return Status::error(Code::bad_file, "head biases[%u]: its table is not 1 wide", i);
    }
  }
  return Status();
}

Status check_head(const File& file, std::uint32_t logits) noexcept {
  const Head& head = *file.model->head();
  if (count(head.biases()) > kMaxObjects) return Status::error(Code::bad_file, "head biases: too many");
  if (logits != 1 && logits != 2)
    return Status::error(Code::bad_file, "tower: the last layer gives %u logits, not 1 or 2", logits);
  if (head.link() > Link::MAX || head.positive_class() >= logits) {
    return Status::error(Code::bad_file, "head: unknown link, or no such positive_class");
  }
  if (!std::isfinite(head.scale()) || !std::isfinite(head.shift()) || !std::isfinite(head.offset())) {
    return Status::error(Code::bad_file, "head: scale, shift or offset is not finite");
  }
  const auto& layers = *file.model->tower()->layers();
  const Activation* const last = layers.Get(layers.size() - 1)->activation();
  if (last != nullptr && last->kind() != ActivationKind::identity) {
    return Status::error(Code::bad_file, "tower: the logits have an activation; the head's link belongs there");
  }
  if (logits == 2 &&
      (head.link() != Link::sigmoid || count(head.biases()) != 0 || head.scale() != 1 || head.shift() != 0)) {
    return Status::error(Code::bad_file, "head: two logits go through softmax alone");
  }
  return check_biases(file, head);
}

}  // namespace

Status check_tower(const File& file) noexcept {
  std::uint64_t width = 0;
  if (Status status = check_parts(file, width); !status) return status;
  if (width == 0 || width > kMaxInput)
    return Status::error(Code::bad_file, "tower parts: none, or wider than 262144 together");
  const Layers* const layers = file.model->tower()->layers();
  if (layers->size() == 0) return Status::error(Code::bad_file, "tower: no layers");
  std::uint32_t logits = 0;
  if (Status status = check_layers(file, layers, static_cast<std::uint32_t>(width), "tower layers", logits); !status) {
    return status;
  }
  return check_head(file, logits);
}

}  // namespace dinghy::format
