// Behaviour histories and features.
#include <algorithm>
#include <cstdio>

#include "engine/format/bounds.h"
#include "engine/network/read.h"
#include "engine/network/read_layers.h"

namespace dinghy::network {
namespace {

using format::count;
using format::FeatureKind;
using format::Role;

Status read_sequences(Model& model) noexcept {
  const auto* const sequences = model.file.model().sequences();
  if (!model.sequences.allocate(count(sequences))) return no_memory();
  for (std::uint32_t i = 0; i < count(sequences); ++i) {
    const format::Sequence& s = *sequences->Get(i);
    if (s.keep() > format::Keep::MAX || s.mask() > format::Mask::MAX || s.pad_side() > format::PadSide::MAX) {
      return Status::error(Code::bad_file, "sequences[%u]: unknown keep, mask or pad_side", i);
    }
    if (s.max_length() > format::kMaxWidth) {
      return Status::error(Code::bad_file, "sequences[%u]: max_length is over 65536", i);
    }
    Sequence& sequence = model.sequences[i];
    sequence.max_length = s.max_length();
    sequence.keep = s.keep();
    sequence.mask = s.mask();
    sequence.pad_side = s.pad_side();
  }
  return Status();
}

Status check_role(const Model& model, const format::Feature& f, const char* name) noexcept {
  if (f.role() > Role::MAX || f.kind() > FeatureKind::MAX || f.pooling() > format::Pooling::MAX) {
    return Status::error(Code::bad_file, "%s: unknown role, kind or pooling", name);
  }
  if (f.sequence() < -1 || f.sequence() >= static_cast<int>(model.sequences.size())) {
    return Status::error(Code::bad_file, "%s: sequence %d does not exist", name, f.sequence());
  }
  const bool in_history = f.sequence() >= 0;
  if (f.role() == Role::history ? !in_history : in_history && f.role() != Role::candidate) {
    return Status::error(Code::bad_file, "%s: its role does not go with its sequence", name);
  }
  return Status();
}

/// No index leads nowhere, also where scoring has no use for it: tools that read the metadata follow it.
Status check_tables(const Model& model, const format::Feature& f, const char* name) noexcept {
  for (const int table : {f.table(), f.history_table()}) {
    if (table < -1 || table >= static_cast<int>(model.tables.size())) {
      return Status::error(Code::bad_file, "%s: table %d does not exist", name, table);
    }
  }
  return Status();
}

/// A table that the feature needs.
Status read_table_of(const Model& model, int index, std::uint32_t width, const char* name, const char* field,
                     const Table*& table) noexcept {
  if (index < 0) return Status::error(Code::bad_file, "%s: %s %d does not exist", name, field, index);
  table = &model.tables[static_cast<std::size_t>(index)];
  if (table->width != width) {
    return Status::error(Code::bad_file, "%s: width differs from that of its %s", name, field);
  }
  return Status();
}

Status read_rows(const Model& model, const format::Feature& from, const char* name, Feature& feature) noexcept {
  if (from.projection() != nullptr) {
    return Status::error(Code::bad_file, "%s: has a projection, but is not dense", name);
  }
  if (from.pad_vector() != nullptr) {
    return Status::error(Code::bad_file, "%s: has a pad_vector, but is not dense", name);
  }
  if (from.role() != Role::history) {
    if (Status s = read_table_of(model, from.table(), from.width(), name, "table", feature.table); !s) return s;
  }
  if (from.sequence() < 0) return Status();
  if (Status s = read_table_of(model, from.history_table(), from.width(), name, "history_table", feature.history_table);
      !s) {
    return s;
  }
  if (from.pad_row() < -1 ||
      (from.pad_row() >= 0 && static_cast<std::uint64_t>(from.pad_row()) >= feature.history_table->count)) {
    return Status::error(Code::bad_file, "%s: pad_row is not a row of its history_table", name);
  }
  feature.pad_row = from.pad_row();
  return Status();
}

Status read_numbers(const format::Feature& from, const char* name, LayerReader& layers, Feature& feature) noexcept {
  if (from.dense_width() == 0 || from.dense_width() > format::kMaxWidth) {
    return Status::error(Code::bad_file, "%s: dense_width is 0 or over 65536", name);
  }
  feature.dense_width = from.dense_width();
  std::uint32_t width = feature.dense_width;
  if (from.projection() != nullptr) {
    char place[112];
    std::snprintf(place, sizeof place, "%s projection", name);
    if (from.projection()->activation() != nullptr) {
      return Status::error(Code::bad_file, "%s: a projection has no activation", name);
    }
    if (Status s = layers.read_product(*from.projection(), width, place, feature.projection); !s) return s;
    feature.projected = true;
    width = feature.projection.out;
  }
  if (from.width() != width) return Status::error(Code::bad_file, "%s: width is not that of its numbers", name);
  if (from.pad_vector() == nullptr) return Status();
  if (from.sequence() < 0) {
    return Status::error(Code::bad_file, "%s: has a pad_vector, but is no column of a history", name);
  }
  return layers.read_vector(from.pad_vector(), width, name, "pad_vector", feature.pad_vector);
}

/// Its place in the user row or the candidate row.
void place(Model& model, Feature& feature) noexcept {
  if (feature.role == Role::history) return;
  std::size_t& row = feature.role == Role::candidate ? model.candidate_width : model.user_width;
  feature.offset = row;
  row += feature.width;
}

Status read_feature(Model& model, const format::Feature& from, const char* name, LayerReader& layers,
                    Feature& feature) noexcept {
  if (from.name()->size() > format::kMaxName) {
    return Status::error(Code::bad_file, "%s: a name of more than %u bytes", name, format::kMaxName);
  }
  if (from.width() == 0 || from.width() > format::kMaxWidth) {
    return Status::error(Code::bad_file, "%s: width is 0 or over 65536", name);
  }
  if (Status status = check_role(model, from, name); !status) return status;
  if (Status status = check_tables(model, from, name); !status) return status;
  feature.role = from.role();
  feature.kind = from.kind();
  feature.width = from.width();
  feature.sequence = from.sequence();
  feature.pooling = from.pooling();
  feature.pad_id = from.pad_id();
  if (Status status = feature.kind == FeatureKind::dense ? read_numbers(from, name, layers, feature)
                                                         : read_rows(model, from, name, feature);
      !status) {
    return status;
  }
  place(model, feature);
  return Status();
}

std::uint64_t remote_version(const Table* table) noexcept { return table == nullptr ? 0 : table->remote_version; }

dinghy::Feature public_feature(const format::Feature& from, const Feature& feature) noexcept {
  const Table* const ids = feature.table != nullptr ? feature.table : feature.history_table;
  return {.name = {from.name()->c_str(), from.name()->size()},
          .role = static_cast<dinghy::Role>(feature.role),
          .in_history = feature.sequence >= 0,
          .kind = static_cast<dinghy::FeatureKind>(feature.kind),
          .dense_width = feature.dense_width,
          .string_ids =
              ids != nullptr && ids->vocabulary != nullptr && ids->vocabulary->key_type == format::KeyType::string,
          .remote_version = remote_version(feature.table),
          .remote_history_version = remote_version(feature.history_table)};
}

Status check_names(const Model& model) noexcept {
  Array<std::uint32_t> order;
  if (!order.allocate(model.features.size())) return no_memory();
  for (std::uint32_t f = 0; f < order.size(); ++f) order[f] = f;
  const auto name = [&](std::uint32_t f) { return model.public_features[f].name; };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int compared = name(a).compare(name(b));
    return compared != 0 ? compared < 0 : a < b;
  });
  const auto equal = [&](std::uint32_t a, std::uint32_t b) { return name(a) == name(b); };
  const auto* const second = std::adjacent_find(order.begin(), order.end(), equal);
  if (second == order.end()) return Status();
  return Status::error(Code::bad_file, "features[%u] '%.64s': a second feature of this name", second[1],
                       name(second[1]).data());
}

/// The columns of each history get their list; read_interests() gives them their order and their places.
Status allocate_columns(Model& model) noexcept {
  Array<std::uint32_t> columns;
  if (!columns.allocate(model.sequences.size())) return no_memory();
  for (const Feature& feature : model.features) {
    if (feature.sequence < 0) continue;
    const auto s = static_cast<std::size_t>(feature.sequence);
    ++columns[s];
    model.sequences[s].ids_only = model.sequences[s].ids_only && feature.kind == FeatureKind::id;
  }
  for (std::size_t s = 0; s < columns.size(); ++s) {
    if (!model.sequences[s].features.allocate(columns[s])) return no_memory();
  }
  return Status();
}

}  // namespace

Status read_features(Model& model, LayerReader& layers) noexcept {
  if (Status status = read_sequences(model); !status) return status;
  const auto& features = *model.file.model().features();
  if (!model.features.allocate(features.size()) || !model.public_features.allocate(features.size())) {
    return no_memory();
  }
  std::uint64_t width = 0;
  for (std::uint32_t f = 0; f < features.size(); ++f) {
    const format::Feature& from = *features.Get(f);
    char name[96];
    std::snprintf(name, sizeof name, "features[%u] '%.64s'", f, from.name()->c_str());
    if (Status status = read_feature(model, from, name, layers, model.features[f]); !status) return status;
    model.public_features[f] = public_feature(from, model.features[f]);
    width += from.width();
    if (width > format::kMaxInput) {
      return Status::error(Code::bad_file, "features: their vectors are wider than %u together", format::kMaxInput);
    }
  }
  if (Status status = check_names(model); !status) return status;
  return allocate_columns(model);
}

}  // namespace dinghy::network
