#include "engine/network/gather.h"

#include <cstring>

#include "engine/network/lookup.h"

namespace dinghy::network {
namespace {

void add_row(const Table& table, const kernels::RowKernels& kernels, const std::byte* row, float* out) noexcept {
  if (row != nullptr) kernels.decode_add({row, table.form, table.width}, out);
}

Lookup look_up_at(const Table& table, const Column& column, std::size_t index) noexcept {
  return column.kind() == Column::Kind::strings ? look_up(table, column.string(index))
                                                : look_up(table, column.id(index));
}

Status no_row(const Model& model, std::uint32_t feature, const Column& column, std::size_t index) noexcept {
  const std::string_view name = model.public_features[feature].name;
  const int size = static_cast<int>(name.size() < 64 ? name.size() : 64);
  if (column.kind() == Column::Kind::strings) {
    const std::string_view key = column.string(index);
    return Status::error(Code::missing_id, "%.*s: entry %zu, '%.*s', is not in the vocabulary", size, name.data(),
                         index, static_cast<int>(key.size() < 64 ? key.size() : 64), key.data());
  }
  return Status::error(Code::missing_id, "%.*s: entry %zu, id %lld, has no row", size, name.data(), index,
                       static_cast<long long>(column.id(index)));
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
                 std::size_t count, const std::byte** rows, std::size_t stride) noexcept {
  const Feature& f = model.features[feature];
  const Table& table = side == Side::history ? *f.history_table : *f.table;
  for (std::size_t i = 0; i < count; ++i) {
    const Lookup found = look_up_at(table, column, first + i);
    if (found.missing) f.missing_ids.fetch_add(1, std::memory_order_relaxed);
    if (found.failed) return no_row(model, feature, column, first + i);
    for (std::uint32_t byte = 0; found.row != nullptr && byte < table.row_stride; byte += 64) {
      __builtin_prefetch(found.row + byte);
    }
    rows[i * stride] = found.row;
  }
  return Status();
}

void copy_vector(const Table& table, const kernels::RowKernels& kernels, const std::byte* row, float* out) noexcept {
  if (row == nullptr) {
    std::memset(out, 0, table.width * sizeof(float));
  } else {
    kernels.decode({row, table.form, table.width}, out);
  }
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
  if (begin == end) copy_vector(table, kernels, nullptr, out);
  for (std::size_t i = begin; i < end; ++i) {
    const Lookup found = look_up_at(table, column, i);
    if (found.missing) f.missing_ids.fetch_add(1, std::memory_order_relaxed);
    if (found.failed) return no_row(model, feature, column, i);
    if (i == begin) {
      copy_vector(table, kernels, found.row, out);
    } else {
      add_row(table, kernels, found.row, out);
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
    if (!look_up_at(table, column, i).failed) continue;
    f.missing_ids.fetch_add(1, std::memory_order_relaxed);
    return no_row(model, feature, column, i);
  }
  return Status();
}

Status add_bias(const Model& model, const Bias& bias, const Column& column, std::size_t row, float& logit) noexcept {
  const Lookup found = look_up_at(*bias.table, column, row);
  if (found.missing) model.features[bias.feature].missing_ids.fetch_add(1, std::memory_order_relaxed);
  if (found.failed) return no_row(model, bias.feature, column, row);
  if (found.row != nullptr) {
    float number = 0;
    format::decode_row(bias.table->form, found.row, 1, &number);
    logit += number;
  }
  return Status();
}

const std::byte* padding_row(const Feature& feature) noexcept {
  const bool stored = feature.history_table != nullptr && feature.pad_row >= 0;
  return stored ? row_at(*feature.history_table, static_cast<std::uint64_t>(feature.pad_row)) : nullptr;
}

void copy_padding(const Feature& feature, const kernels::RowKernels& kernels, float* out) noexcept {
  if (feature.history_table != nullptr) return copy_vector(*feature.history_table, kernels, padding_row(feature), out);
  if (feature.pad_vector == nullptr) {
    std::memset(out, 0, feature.width * sizeof(float));
  } else {
    std::memcpy(out, feature.pad_vector, feature.width * sizeof(float));
  }
}

}  // namespace dinghy::network
