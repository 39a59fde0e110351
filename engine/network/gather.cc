#include "engine/network/gather.h"

#include <cstring>

#include "engine/network/came_rows.h"
#include "engine/network/feature_name.h"
#include "engine/network/lookup.h"

namespace dinghy::network {
namespace {

/// What a value of a column stands for. Without bytes the row is the zero vector.
struct Found {
  kernels::EncodedRow row;
  bool missing = false;
  bool failed = false;
};

/// The bytes of a row of the file; none for null.
kernels::EncodedRow row_of(const Table& table, const std::byte* row) noexcept { return {row, table.form, table.width}; }

Lookup look_up_at(const Table& table, const Column& column, std::size_t index) noexcept {
  switch (column.kind()) {
    case Column::Kind::strings:
      return look_up(table, column.string(index));
    case Column::Kind::rows:
      return look_up_nothing(table);
    default:
      return look_up(table, column.id(index));
  }
}

/// A row that came with the call goes before the model's own.
Found find(const Table& table, const Column& column, std::size_t index) noexcept {
  if (const kernels::EncodedRow came = came_row(column, index); came.bytes != nullptr) return {.row = came};
  const Lookup found = look_up_at(table, column, index);
  return {.row = row_of(table, found.row), .missing = found.missing, .failed = found.failed};
}

void copy_row(const kernels::RowKernels& kernels, const kernels::EncodedRow& row, float* out) noexcept {
  if (row.bytes == nullptr) {
    std::memset(out, 0, row.width * sizeof(float));
  } else {
    kernels.decode(row, out);
  }
}

void add_row(const kernels::RowKernels& kernels, const kernels::EncodedRow& row, float* out) noexcept {
  if (row.bytes != nullptr) kernels.decode_add(row, out);
}

std::span<const std::byte> file_of(const Model& model) noexcept { return model.file.bytes(); }

kernels::EncodedRow row_at_mark(const Model& model, const Table& table, RowMark mark) noexcept {
  return row_of(table, mark == 0 ? nullptr : file_of(model).data() + static_cast<std::size_t>(mark));
}

RowMark mark_of(const Model& model, const std::byte* row) noexcept {
  return row == nullptr ? 0 : static_cast<RowMark>(row - file_of(model).data());
}

Status no_row(const Model& model, std::uint32_t feature, const Table& table, const Column& column,
              std::size_t index) noexcept {
  const FeatureName name = name_of(model, feature);
  if (column.kind() == Column::Kind::rows) {
    return Status::error(Code::missing_id, "%.*s: entry %zu came without a row", name.size, name.text, index);
  }
  const char* const missing = table.is_remote() ? "came without a row, and the model has none" : nullptr;
  if (column.kind() == Column::Kind::strings) {
    const std::string_view key = column.string(index);
    return Status::error(Code::missing_id, "%.*s: entry %zu, '%.*s', %s", name.size, name.text, index,
                         static_cast<int>(key.size() < 64 ? key.size() : 64), key.data(),
                         missing != nullptr ? missing : "is not in the vocabulary");
  }
  return Status::error(Code::missing_id, "%.*s: entry %zu, id %lld, %s", name.size, name.text, index,
                       static_cast<long long>(column.id(index)), missing != nullptr ? missing : "has no row");
}

void gather_numbers(const Feature& feature, const float* numbers, float* out) noexcept {
  if (!feature.projected) {
    std::memcpy(out, numbers, feature.dense_width * sizeof(float));
    return;
  }
  const Layer& layer = feature.projection;
  std::memcpy(out, layer.bias, layer.out * sizeof(float));
  for (std::size_t i = 0; i < layer.in; ++i) {  // row by row of the weight, as it lies
    for (std::size_t o = 0; o < layer.out; ++o) out[o] += numbers[i] * layer.weight[i * layer.stride + o];
  }
}

}  // namespace

Status find_rows(const Model& model, std::uint32_t feature, Side side, const Column& column, std::size_t first,
                 std::size_t count, RowMark* marks, std::size_t stride) noexcept {
  const Feature& f = model.features[feature];
  const Table& table = side == Side::history ? *f.history_table : *f.table;
  for (std::size_t i = 0; i < count; ++i) {
    if (const kernels::EncodedRow came = came_row(column, first + i); came.bytes != nullptr) {
      marks[i * stride] = mark_of_came_row(came);
      continue;
    }
    const Lookup found = look_up_at(table, column, first + i);
    if (found.missing) f.missing_ids.fetch_add(1, std::memory_order_relaxed);
    if (found.failed) return no_row(model, feature, table, column, first + i);
    for (std::uint32_t byte = 0; found.row != nullptr && byte < table.row_stride; byte += 64) {
      __builtin_prefetch(found.row + byte);
    }
    marks[i * stride] = mark_of(model, found.row);
  }
  return Status();
}

void copy_value(const Model& model, const kernels::RowKernels& kernels, const Table& table, const Column& column,
                std::size_t index, RowMark mark, float* out) noexcept {
  if (const kernels::EncodedRow came = came_row(column, index); came.bytes != nullptr) {
    return kernels.decode(came, out);
  }
  copy_row(kernels, row_at_mark(model, table, mark), out);
}

Status gather(const Model& model, const kernels::RowKernels& kernels, std::uint32_t feature, Side side,
              const Column& column, std::size_t row, float* out) noexcept {
  const Feature& f = model.features[feature];
  if (f.kind == format::FeatureKind::dense) {
    gather_numbers(f, column.numbers() + row * f.dense_width, out);
    return Status();
  }
  const Table& table = side == Side::history ? *f.history_table : *f.table;
  const std::size_t begin = column.is_bag() ? column.offsets()[row] : row;
  const std::size_t end = column.is_bag() ? column.offsets()[row + 1] : row + 1;
  if (begin == end) copy_row(kernels, row_of(table, nullptr), out);
  for (std::size_t i = begin; i < end; ++i) {
    const Found found = find(table, column, i);
    if (found.missing) f.missing_ids.fetch_add(1, std::memory_order_relaxed);
    if (found.failed) return no_row(model, feature, table, column, i);
    if (i == begin) {
      copy_row(kernels, found.row, out);
    } else {
      add_row(kernels, found.row, out);
    }
  }
  if (f.pooling == format::Pooling::mean && end - begin > 1) {
    for (std::size_t i = 0; i < f.width; ++i) out[i] /= static_cast<float>(end - begin);
  }
  return Status();
}

Status check_bags(const Model& model, std::uint32_t feature, Side side, const Column& column, std::size_t first,
                  std::size_t count) noexcept {
  const Feature& f = model.features[feature];
  const Table& table = side == Side::history ? *f.history_table : *f.table;
  if (table.missing != format::MissingId::fail || count == 0) return Status();
  for (std::size_t i = column.offsets()[first]; i < column.offsets()[first + count]; ++i) {
    if (!find(table, column, i).failed) continue;
    f.missing_ids.fetch_add(1, std::memory_order_relaxed);
    return no_row(model, feature, table, column, i);
  }
  return Status();
}

Status add_bias(const Model& model, const Bias& bias, const Column& column, std::size_t row, float& logit) noexcept {
  const Lookup found = look_up_at(*bias.table, column, row);
  if (found.missing) model.features[bias.feature].missing_ids.fetch_add(1, std::memory_order_relaxed);
  if (found.failed) return no_row(model, bias.feature, *bias.table, column, row);
  if (found.row != nullptr) {
    float number = 0;
    format::decode_row(bias.table->form, found.row, 1, &number);
    logit += number;
  }
  return Status();
}

RowMark padding_mark(const Model& model, const Feature& feature) noexcept {
  const bool stored = feature.history_table != nullptr && feature.pad_row >= 0;
  return stored ? mark_of(model, row_at(*feature.history_table, static_cast<std::uint64_t>(feature.pad_row))) : 0;
}

void copy_padding(const Model& model, const kernels::RowKernels& kernels, const Feature& feature, float* out) noexcept {
  if (feature.history_table != nullptr) {
    copy_row(kernels, row_at_mark(model, *feature.history_table, padding_mark(model, feature)), out);
  } else if (feature.pad_vector == nullptr) {
    std::memset(out, 0, feature.width * sizeof(float));
  } else {
    std::memcpy(out, feature.pad_vector, feature.width * sizeof(float));
  }
}

}  // namespace dinghy::network
