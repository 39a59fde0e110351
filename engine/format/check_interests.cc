// Interests: their fields, layers and knobs.
#include <cmath>
#include <cstdio>

#include "engine/format/verify.h"

namespace dinghy::format {
namespace {

Status check_fields(const File& file, const Interest& interest, const char* name) noexcept {
  const auto& fields = *interest.fields();
  const auto& features = *file.model->features();
  if (fields.size() == 0 || fields.size() > kMaxObjects)
    return Status::error(Code::bad_file, "%s: no fields, or too many", name);
  for (flatbuffers::uoffset_t i = 0; i < fields.size(); ++i) {
    const Field& field = *fields.Get(i);
    if (field.query() >= features.size() || field.key() >= features.size()) {
      return Status::error(Code::bad_file, "%s fields[%u]: a feature that does not exist", name, i);
    }
    if (features.Get(field.query())->role() != Role::candidate) {
      return Status::error(Code::bad_file, "%s fields[%u]: the query is not a candidate feature", name, i);
    }
    if (features.Get(field.key())->sequence() != static_cast<int>(interest.sequence())) {
      return Status::error(Code::bad_file, "%s fields[%u]: the key is not a column of its sequence", name, i);
    }
  }
  if (query_width(file, interest) > kMaxWidth || key_width(file, interest) > kMaxWidth) {
    return Status::error(Code::bad_file, "%s: q or k is wider than 65536", name);
  }
  return Status();
}

Status check_knobs(const Interest& interest, const char* name) noexcept {
  if (interest.score() > Score::MAX || interest.normalizer() > Normalizer::MAX || interest.pooling() > Pooling::MAX ||
      interest.pads() > Pads::MAX || interest.empty() > EmptyHistory::MAX) {
    return Status::error(Code::bad_file, "%s: unknown score, normalizer, pooling, pads or empty", name);
  }
  if (!std::isfinite(interest.scale())) return Status::error(Code::bad_file, "%s: scale is not finite", name);
  if (interest.pad_to() > kMaxWidth) return Status::error(Code::bad_file, "%s: pad_to is over 65536", name);
  return Status();
}

/// A history of any length has to find its positions, and the padding the rest of them.
Status check_positions(const File& file, const Interest& interest, std::uint32_t positions, const char* name) noexcept {
  if (positions == 0) return Status();
  const auto& layers = *interest.layers();
  const Activation* const last = layers.Get(layers.size() - 1)->activation();
  if (last != nullptr && last->kind() == ActivationKind::prelu_position) {
    return Status::error(Code::bad_file, "%s: the logit has an activation by position", name);
  }
  const std::uint32_t longest = file.model->sequences()->Get(interest.sequence())->max_length();
  if (longest == 0 || longest > positions) {
    return Status::error(Code::bad_file, "%s: %u positions, but histories of %u", name, positions, longest);
  }
  if (interest.pads() != Pads::excluded && interest.pad_to() != positions) {
    return Status::error(Code::bad_file, "%s: %u positions, but pad_to is %u", name, positions, interest.pad_to());
  }
  return Status();
}

Status check_unit(const File& file, const Interest& interest, const char* name) noexcept {
  const std::uint32_t keys = key_width(file, interest);
  char place[112];
  std::snprintf(place, sizeof place, "%s query_layers", name);
  std::uint32_t query = 0;
  if (Status status = check_layers(file, interest.query_layers(), query_width(file, interest), place, query); !status) {
    return status;
  }
  const bool projected = count(interest.query_layers()) > 0;
  if (projected ? query != keys : query > keys) {
    return Status::error(Code::bad_file, "%s: q has %u numbers, k has %u", name, query, keys);
  }
  if (interest.score() == Score::dot) return Status();
  if (count(interest.layers()) == 0) return Status::error(Code::bad_file, "%s: no layers", name);
  std::snprintf(place, sizeof place, "%s layers", name);
  std::uint32_t logits = 0;
  std::uint32_t positions = 0;
  if (Status status = check_layers(file, interest.layers(), 4 * keys, place, logits, &positions); !status)
    return status;
  if (Status status = check_positions(file, interest, positions, place); !status) return status;
  if (logits != 1) return Status::error(Code::bad_file, "%s: the last layer gives %u numbers, not one", place, logits);
  return Status();
}

}  // namespace

std::uint32_t query_width(const File& file, const Interest& interest) noexcept {
  std::uint64_t width = 0;
  for (const Field* field : *interest.fields()) width += file.model->features()->Get(field->query())->width();
  return static_cast<std::uint32_t>(width < UINT32_MAX ? width : UINT32_MAX);
}

std::uint32_t key_width(const File& file, const Interest& interest) noexcept {
  std::uint64_t width = 0;
  for (const Field* field : *interest.fields()) width += file.model->features()->Get(field->key())->width();
  return static_cast<std::uint32_t>(width < UINT32_MAX ? width : UINT32_MAX);
}

Status check_interests(const File& file) noexcept {
  for (std::uint32_t i = 0; i < count(file.model->interests()); ++i) {
    const Interest& interest = *file.model->interests()->Get(i);
    char name[96];
    std::snprintf(name, sizeof name, "interests[%u] '%.48s'", i, interest.name()->c_str());
    if (interest.sequence() >= count(file.model->sequences())) {
      return Status::error(Code::bad_file, "%s: sequence %u does not exist", name, interest.sequence());
    }
    if (Status status = check_fields(file, interest, name); !status) return status;
    if (Status status = check_knobs(interest, name); !status) return status;
    if (Status status = check_unit(file, interest, name); !status) return status;
    char place[112];
    std::snprintf(place, sizeof place, "%s post_layers", name);
    std::uint32_t out = 0;
    if (Status status = check_layers(file, interest.post_layers(), key_width(file, interest), place, out); !status) {
      return status;
    }
  }
  return Status();
}

}  // namespace dinghy::format
