// Tensors, tables, vocabularies and golden rows against the segments that hold them.
#include <cmath>
#include <cstdio>

#include "engine/format/verify.h"
#include "schema/hash.h"
#include "schema/header.h"
#include "schema/row_form.h"

namespace dinghy::format {
namespace {

/// The bytes [offset, offset + size) of a segment of the kind `kind`.
Status check_range(const File& file, std::uint32_t segment, SegmentKind kind, std::uint64_t offset, std::uint64_t size,
                   const char* owner) noexcept {
  const auto& segments = *file.model->segments();
  if (segment >= segments.size()) return Status::error(Code::bad_file, "%s: segment %u does not exist", owner, segment);
  const Segment& s = *segments.Get(segment);
  if (s.kind() != kind) return Status::error(Code::bad_file, "%s: segment %u is of another kind", owner, segment);
  if (offset > s.size() || size > s.size() - offset) {
    return Status::error(Code::bad_file, "%s: reaches behind the end of segment %u", owner, segment);
  }
  return Status();
}

Status check_hash(const EmbeddingTable& table, const char* name) noexcept {
  if (table.hash() == IdHash::none) return Status();
  if (table.hash() > IdHash::MAX) return Status::error(Code::bad_file, "%s: unknown hash function", name);
  if (table.vocabulary() >= 0) return Status::error(Code::bad_file, "%s: has a hash and a vocabulary", name);
  const std::uint64_t least = table.hash() == IdHash::farmhash64_decimal_keep_zero ? 2 : 1;
  if (table.hash_buckets() < least || table.hash_buckets() > INT64_MAX) {
    return Status::error(Code::bad_file, "%s: hash_buckets is too small or over 2^63 - 1", name);
  }
  return Status();
}

Status check_ids(const File& file, const EmbeddingTable& table, const char* name) noexcept {
  if (table.missing() > MissingId::MAX) return Status::error(Code::bad_file, "%s: unknown missing-id policy", name);
  if (table.missing() == MissingId::row && table.missing_row() >= table.rows()) {
    return Status::error(Code::bad_file, "%s: missing_row is not a row", name);
  }
  if (table.vocabulary() < -1 || table.vocabulary() >= static_cast<int>(count(file.model->vocabularies()))) {
    return Status::error(Code::bad_file, "%s: vocabulary %d does not exist", name, table.vocabulary());
  }
  if (table.missing() == MissingId::clamp && table.vocabulary() >= 0) {
    return Status::error(Code::bad_file, "%s: the policy clamp has no meaning with a vocabulary", name);
  }
  return check_hash(table, name);
}

Status check_table(const File& file, const EmbeddingTable& table, const char* name) noexcept {
  if (table.rows() == 0) return Status::error(Code::bad_file, "%s: no rows", name);
  if (table.width() == 0 || table.width() > kMaxWidth)
    return Status::error(Code::bad_file, "%s: width is 0 or over 65536", name);
  if (table.encoding() > Encoding::MAX || table.scale_type() > ScaleType::MAX) {
    return Status::error(Code::bad_file, "%s: unknown encoding", name);
  }
  const ScaleType scale = table.scale_type();
  const bool fits = table.encoding() == Encoding::i8   ? scale != ScaleType::none
                    : table.encoding() == Encoding::i4 ? scale == ScaleType::f16
                                                       : scale == ScaleType::none;
  if (!fits) {
    return Status::error(Code::bad_file, "%s: encoding %s with scale_type %s", name, EnumNameEncoding(table.encoding()),
                         EnumNameScaleType(scale));
  }
  if (table.row_stride() < row_bytes(row_form(table.encoding(), scale), table.width()))
    return Status::error(Code::bad_file, "%s: row_stride is shorter than a row", name);
  if (table.rows() > UINT64_MAX / table.row_stride())
    return Status::error(Code::bad_file, "%s: rows * row_stride overflows", name);
  if (Status status = check_range(file, table.segment(), SegmentKind::table, table.offset(),
                                  table.rows() * table.row_stride(), name);
      !status) {
    return status;
  }
  return check_ids(file, table, name);
}

}  // namespace

Status check_tensor(const File& file, const Tensor& tensor, const char* owner) noexcept {
  if (tensor.rows() == 0 || tensor.cols() == 0 || tensor.rows() > kMaxInput || tensor.cols() > kMaxWidth) {
    return Status::error(Code::bad_file, "%s: %u x %u is empty or too large", owner, tensor.rows(), tensor.cols());
  }
  if (tensor.stride() != (tensor.cols() + kRowPadding - 1) / kRowPadding * kRowPadding) {
    return Status::error(Code::bad_file, "%s: stride is not cols rounded up to a multiple of 16", owner);
  }
  if (tensor.offset() % kTensorAlignment != 0) {
    return Status::error(Code::bad_file, "%s: offset is not a multiple of 64", owner);
  }
  const std::uint64_t numbers = std::uint64_t{tensor.rows()} * tensor.stride();
  if (Status status =
          check_range(file, tensor.segment(), SegmentKind::dense, tensor.offset(), numbers * sizeof(float), owner);
      !status) {
    return status;
  }
  const auto bytes = file.segment(tensor.segment());
  const float* const values = reinterpret_cast<const float*>(bytes.data() + tensor.offset());
  for (std::uint64_t i = 0; i < numbers; ++i) {
    if (!std::isfinite(values[i])) return Status::error(Code::bad_file, "%s: holds a NaN or an infinity", owner);
  }
  return Status();
}

Status check_tables(const File& file) noexcept {
  const auto& tables = *file.model->tables();
  for (flatbuffers::uoffset_t i = 0; i < tables.size(); ++i) {
    char name[96];
    std::snprintf(name, sizeof name, "tables[%u] '%.64s'", i, tables.Get(i)->name()->c_str());
    if (Status status = check_table(file, *tables.Get(i), name); !status) return status;
  }
  return Status();
}

Status check_vocabularies(const File& file) noexcept {
  for (std::uint32_t i = 0; i < count(file.model->vocabularies()); ++i) {
    const Vocabulary& v = *file.model->vocabularies()->Get(i);
    char name[96];
    std::snprintf(name, sizeof name, "vocabularies[%u] '%.64s'", i, v.name()->c_str());
    if (v.key_type() > KeyType::MAX) return Status::error(Code::bad_file, "%s: unknown key_type", name);
    const std::uint64_t capacity = v.capacity();
    if (capacity == 0 || (capacity & (capacity - 1)) != 0 || capacity > UINT64_MAX / sizeof(Int64Slot)) {
      return Status::error(Code::bad_file, "%s: capacity is not a power of two", name);
    }
    if (v.max_probes() == 0 || v.max_probes() > kMaxProbes)
      return Status::error(Code::bad_file, "%s: max_probes is 0 or over %u", name, kMaxProbes);
    if (v.offset() % sizeof(Int64Slot) != 0)
      return Status::error(Code::bad_file, "%s: offset is not a multiple of 16", name);
    if (Status status =
            check_range(file, v.segment(), SegmentKind::vocabulary, v.offset(), capacity * sizeof(Int64Slot), name);
        !status) {
      return status;
    }
    if (v.key_type() != KeyType::string) continue;
    if (Status status =
            check_range(file, v.segment(), SegmentKind::vocabulary, v.strings_offset(), v.strings_size(), name);
        !status) {
      return status;
    }
  }
  return Status();
}

Status check_golden(const File& file) noexcept {
  const Golden* const golden = file.model->golden();
  if (golden == nullptr) return Status();
  for (const float tolerance : {golden->tolerance(), golden->attention_tolerance()}) {
    // A NaN would let every row pass.
    if (!std::isfinite(tolerance) || tolerance < 0) {
      return Status::error(Code::bad_file, "golden: a tolerance is negative or not finite");
    }
  }
  return check_range(file, golden->segment(), SegmentKind::golden, 0, 0, "golden");
}

}  // namespace dinghy::format
