// The tower's parts and layers, and the head.
#include <cmath>
#include <cstdio>

#include "engine/format/check_parts.h"

namespace dinghy::format {
namespace {

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
  std::uint32_t width = 0;
  if (Status status = check_parts(file, *file.model->tower()->parts(), count(file.model->mlps()), "tower", width);
      !status) {
    return status;
  }
  const Layers* const layers = file.model->tower()->layers();
  if (layers->size() == 0) return Status::error(Code::bad_file, "tower: no layers");
  std::uint32_t logits = 0;
  if (Status status = check_layers(file, layers, width, "tower layers", logits); !status) {
    return status;
  }
  return check_head(file, logits);
}

}  // namespace dinghy::format
