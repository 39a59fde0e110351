// Vocabularies, tables and golden rows against the segments that hold them.
#include <algorithm>
#include <cstdio>

#include "engine/format/bounds.h"
#include "engine/left_out.h"
#include "engine/network/read.h"
#include "engine/network/read_layers.h"
#include "schema/finite.h"
#include "schema/hash.h"
#include "schema/row_form.h"

namespace dinghy::network {
namespace {

using format::count;
using format::SegmentKind;
using Bytes = std::span<const std::byte>;

Status read_vocabulary(const format::File& file, const format::Vocabulary& from, const char* name,
                       Vocabulary& vocabulary) noexcept {
  if (from.key_type() > format::KeyType::MAX) return Status::error(Code::bad_file, "%s: unknown key_type", name);
  const std::uint64_t capacity = from.capacity();
  if (capacity == 0 || (capacity & (capacity - 1)) != 0 || capacity > UINT64_MAX / sizeof(format::Int64Slot)) {
    return Status::error(Code::bad_file, "%s: capacity is not a power of two", name);
  }
  if (from.max_probes() == 0 || from.max_probes() > format::kMaxProbes)
    return Status::error(Code::bad_file, "%s: max_probes is 0 or over %u", name, format::kMaxProbes);
  if (from.offset() % sizeof(format::Int64Slot) != 0)
    return Status::error(Code::bad_file, "%s: offset is not a multiple of 16", name);
  Bytes slots, strings;
  if (Status status = file.range(from.segment(), SegmentKind::vocabulary, from.offset(),
                                 capacity * sizeof(format::Int64Slot), name, slots);
      !status) {
    return status;
  }
  if (from.key_type() == format::KeyType::string) {
    if (Status status = file.range(from.segment(), SegmentKind::vocabulary, from.strings_offset(), from.strings_size(),
                                   name, strings);
        !status) {
      return status;
    }
  }
  vocabulary = {.key_type = from.key_type(),
                .slots = slots.data(),
                .capacity = capacity,
                .max_probes = from.max_probes(),
                .strings = strings.data(),
                .strings_size = strings.size()};
  return Status();
}

Status check_hash(const format::EmbeddingTable& table, const char* name) noexcept {
  if (table.hash() == format::IdHash::none) return Status();
  if (table.hash() > format::IdHash::MAX) return Status::error(Code::bad_file, "%s: unknown hash function", name);
  if (table.vocabulary() >= 0) return Status::error(Code::bad_file, "%s: has a hash and a vocabulary", name);
  const std::uint64_t least = table.hash() == format::IdHash::farmhash64_decimal_keep_zero ? 2 : 1;
  if (table.hash_buckets() < least || table.hash_buckets() > INT64_MAX) {
    return Status::error(Code::bad_file, "%s: hash_buckets is too small or over 2^63 - 1", name);
  }
  return Status();
}

Status check_ids(const Model& model, const format::EmbeddingTable& table, const char* name) noexcept {
  if (table.missing() > format::MissingId::MAX) {
    return Status::error(Code::bad_file, "%s: unknown missing-id policy", name);
  }
  if (table.missing_row() >= table.rows()) {
    return Status::error(Code::bad_file, "%s: missing_row is not a row", name);
  }
  if (table.vocabulary() < -1 || table.vocabulary() >= static_cast<int>(model.vocabularies.size())) {
    return Status::error(Code::bad_file, "%s: vocabulary %d does not exist", name, table.vocabulary());
  }
  if (table.missing() == format::MissingId::clamp && table.vocabulary() >= 0) {
    return Status::error(Code::bad_file, "%s: the policy clamp has no meaning with a vocabulary", name);
  }
  return check_hash(table, name);
}

Status check_rows(const format::EmbeddingTable& table, const char* name) noexcept {
  using format::Encoding;
  using format::ScaleType;
  if (table.rows() == 0) return Status::error(Code::bad_file, "%s: no rows", name);
  if (table.width() == 0 || table.width() > format::kMaxWidth)
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
  if (!kHasInt4 && table.encoding() == Encoding::i4) {
    return Status::error(Code::unsupported, "%s: has rows of 4 bits, and this build of the engine is without int4",
                         name);
  }
  if (table.row_stride() < format::row_bytes(format::row_form(table.encoding(), scale), table.width()))
    return Status::error(Code::bad_file, "%s: row_stride is shorter than a row", name);
  if (table.rows() > UINT64_MAX / table.row_stride())
    return Status::error(Code::bad_file, "%s: rows * row_stride overflows", name);
  return Status();
}

/// Rows of a remote table that lie in the file are some: their numbers say nothing, so that ids need a vocabulary.
Status check_remote(const format::EmbeddingTable& table, const char* name) noexcept {
  if (table.remote_rows() == 0) {
    if (table.remote_version() == 0) return Status();
    return Status::error(Code::bad_file, "%s: has a remote_version, but is not remote", name);
  }
  if (!kHasRemote) {
    return Status::error(Code::unsupported, "%s: is remote, and this build of the engine is without remote", name);
  }
  if (table.vocabulary() < 0) return Status::error(Code::bad_file, "%s: is remote, and has no vocabulary", name);
  if (table.rows() > table.remote_rows()) {
    return Status::error(Code::bad_file, "%s: has more rows than remote_rows", name);
  }
  return Status();
}

Status read_table(const Model& model, const format::EmbeddingTable& from, const char* name, Table& table) noexcept {
  if (Status status = check_rows(from, name); !status) return status;
  Bytes rows;
  if (Status status = model.file.range(from.segment(), SegmentKind::table, from.offset(),
                                       from.rows() * from.row_stride(), name, rows);
      !status) {
    return status;
  }
  if (Status status = check_ids(model, from, name); !status) return status;
  if (Status status = check_remote(from, name); !status) return status;
  table = {
      .rows = rows.data(),
      .count = from.rows(),
      .width = from.width(),
      .row_stride = from.row_stride(),
      .form = format::row_form(from.encoding(), from.scale_type()),
      .first_id = from.first_id(),
      .vocabulary = from.vocabulary() < 0 ? nullptr : &model.vocabularies[static_cast<std::size_t>(from.vocabulary())],
      .hash = from.hash(),
      .hash_buckets = from.hash_buckets(),
      .missing = from.missing(),
      .missing_row = from.missing_row(),
      .remote_rows = from.remote_rows(),
      .remote_version = from.remote_version()};
  return Status();
}

Status read_column_sizes(const format::EmbeddingTable& from, const char* name, LayerReader& layers,
                         Table& table) noexcept {
  if (from.column_sizes() == nullptr) return Status();
  constexpr float kLeast = 1e-30f, kMost = 1e30f;  // what is divided by them stays finite
  if (Status s = layers.read_vector(from.column_sizes(), table.width, name, "column_sizes", table.column_sizes); !s) {
    return s;
  }
  const auto fits = [](float size) { return size >= kLeast && size <= kMost; };
  if (std::all_of(table.column_sizes, table.column_sizes + table.width, fits)) return Status();
  return Status::error(Code::bad_file, "%s column_sizes: a number is not between 1e-30 and 1e30", name);
}

Status read_golden(Model& model) noexcept {
  const format::Golden* const golden = model.file.model().golden();
  if (golden == nullptr) return Status();
  for (const float tolerance : {golden->tolerance(), golden->attention_tolerance()}) {
    // A NaN would let every row pass.
    if (!format::is_finite(tolerance) || tolerance < 0) {
      return Status::error(Code::bad_file, "golden: a tolerance is negative or not finite");
    }
  }
  Bytes lines;
  Status status = model.file.segment(golden->segment(), SegmentKind::golden, "golden", lines);
  if (!status || !golden->columns()) return status;
  return model.file.segment(*golden->columns(), SegmentKind::golden, "golden: columns", model.golden_columns);
}

}  // namespace

Status read_tables(Model& model, LayerReader& layers) noexcept {
  const auto* const vocabularies = model.file.model().vocabularies();
  const auto& tables = *model.file.model().tables();
  if (!model.vocabularies.allocate(count(vocabularies)) || !model.tables.allocate(tables.size())) return no_memory();
  for (std::uint32_t i = 0; i < count(vocabularies); ++i) {
    const format::Vocabulary& from = *vocabularies->Get(i);
    char name[96];
    std::snprintf(name, sizeof name, "vocabularies[%u] '%.64s'", i, from.name()->c_str());
    if (Status status = read_vocabulary(model.file, from, name, model.vocabularies[i]); !status) return status;
  }
  for (std::uint32_t i = 0; i < tables.size(); ++i) {
    char name[96];
    std::snprintf(name, sizeof name, "tables[%u] '%.64s'", i, tables.Get(i)->name()->c_str());
    if (Status status = read_table(model, *tables.Get(i), name, model.tables[i]); !status) return status;
    if (Status status = read_column_sizes(*tables.Get(i), name, layers, model.tables[i]); !status) return status;
  }
  return read_golden(model);
}

}  // namespace dinghy::network
