// Behaviour histories and features.
#include <cstdio>

#include "engine/format/verify.h"

namespace dinghy::format {
namespace {

Status check_table_of(const File& file, int table, std::uint32_t width, const char* name, const char* field) noexcept {
  if (table < 0 || table >= static_cast<int>(file.model->tables()->size())) {
    return Status::error(Code::bad_file, "%s: %s %d does not exist", name, field, table);
  }
  if (file.model->tables()->Get(static_cast<std::uint32_t>(table))->width() != width) {
    return Status::error(Code::bad_file, "%s: width differs from that of its %s", name, field);
  }
  return Status();
}

/// No index leads nowhere, also where scoring has no use for it: tools that read the metadata follow it.
Status check_tables_of(const File& file, const Feature& f, const char* name) noexcept {
  for (const int table : {f.table(), f.history_table()}) {
    if (table < -1 || table >= static_cast<int>(file.model->tables()->size())) {
      return Status::error(Code::bad_file, "%s: table %d does not exist", name, table);
    }
  }
  return Status();
}

Status check_role(const File& file, const Feature& f, const char* name) noexcept {
  if (f.role() > Role::MAX || f.kind() > FeatureKind::MAX || f.pooling() > Pooling::MAX) {
    return Status::error(Code::bad_file, "%s: unknown role, kind or pooling", name);
  }
  if (f.sequence() < -1 || f.sequence() >= static_cast<int>(count(file.model->sequences()))) {
    return Status::error(Code::bad_file, "%s: sequence %d does not exist", name, f.sequence());
  }
  const bool in_history = f.sequence() >= 0;
  if (f.role() == Role::history ? !in_history : in_history && f.role() != Role::candidate) {
    return Status::error(Code::bad_file, "%s: its role does not go with its sequence", name);
  }
  return Status();
}

Status check_dense(const File& file, const Feature& f, const char* name) noexcept {
  if (f.dense_width() == 0 || f.dense_width() > kMaxWidth) {
    return Status::error(Code::bad_file, "%s: dense_width is 0 or over 65536", name);
  }
  std::uint32_t width = f.dense_width();
  if (f.projection() != nullptr) {
    const Tensor& weight = *f.projection()->weight();
    if (weight.rows() != f.dense_width())
      return Status::error(Code::bad_file, "%s: projection does not fit dense_width", name);
    if (Status status = check_tensor(file, weight, name); !status) return status;
    width = weight.cols();
    const Tensor* const bias = f.projection()->bias();
    if (bias != nullptr) {
      if (bias->rows() != 1 || bias->cols() != width)
        return Status::error(Code::bad_file, "%s: projection bias does not fit", name);
      if (Status status = check_tensor(file, *bias, name); !status) return status;
    }
    if (f.projection()->activation() != nullptr)
      return Status::error(Code::bad_file, "%s: a projection has no activation", name);
  }
  if (f.width() != width) return Status::error(Code::bad_file, "%s: width is not that of its numbers", name);
  return Status();
}

Status check_feature(const File& file, const Feature& f, const char* name) noexcept {
  if (f.width() == 0 || f.width() > kMaxWidth)
    return Status::error(Code::bad_file, "%s: width is 0 or over 65536", name);
  if (Status status = check_role(file, f, name); !status) return status;
  if (Status status = check_tables_of(file, f, name); !status) return status;
  if (f.kind() == FeatureKind::dense) return check_dense(file, f, name);
  if (f.role() != Role::history) {
    if (Status status = check_table_of(file, f.table(), f.width(), name, "table"); !status) return status;
  }
  if (f.sequence() < 0) return Status();
  if (Status status = check_table_of(file, f.history_table(), f.width(), name, "history_table"); !status) return status;
  const std::uint64_t rows = file.model->tables()->Get(static_cast<std::uint32_t>(f.history_table()))->rows();
  if (f.pad_row() < -1 || (f.pad_row() >= 0 && static_cast<std::uint64_t>(f.pad_row()) >= rows)) {
    return Status::error(Code::bad_file, "%s: pad_row is not a row of its history_table", name);
  }
  return Status();
}

}  // namespace

Status check_sequences(const File& file) noexcept {
  for (std::uint32_t i = 0; i < count(file.model->sequences()); ++i) {
    const Sequence& s = *file.model->sequences()->Get(i);
    if (s.keep() > Keep::MAX || s.mask() > Mask::MAX || s.pad_side() > PadSide::MAX) {
      return Status::error(Code::bad_file, "sequences[%u]: unknown keep, mask or pad_side", i);
    }
    if (s.max_length() > kMaxWidth) return Status::error(Code::bad_file, "sequences[%u]: max_length is over 65536", i);
  }
  return Status();
}

Status check_features(const File& file) noexcept {
  const auto& features = *file.model->features();
  for (flatbuffers::uoffset_t i = 0; i < features.size(); ++i) {
    char name[96];
    std::snprintf(name, sizeof name, "features[%u] '%.64s'", i, features.Get(i)->name()->c_str());
    if (features.Get(i)->name()->size() > kMaxName)
      return Status::error(Code::bad_file, "%s: a name of more than %u bytes", name, kMaxName);
    if (Status status = check_feature(file, *features.Get(i), name); !status) return status;
    for (flatbuffers::uoffset_t j = 0; j < i; ++j) {
      if (features.Get(i)->name()->string_view() == features.Get(j)->name()->string_view()) {
        return Status::error(Code::bad_file, "%s: a second feature of this name", name);
      }
    }
  }
  return Status();
}

}  // namespace dinghy::format
