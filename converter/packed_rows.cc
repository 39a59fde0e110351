#include "converter/packed_rows.h"

#include <cstring>
#include <memory>
#include <vector>

namespace dinghy::converter {
namespace {

/// The numbers of packed rows as floats, decoded as they are read.
class UnpackedStorage : public Storage {
 public:
  UnpackedStorage(Tensor bytes, format::RowForm form, std::uint64_t width)
      : bytes_(std::move(bytes)), form_(form), width_(width) {}

  std::uint64_t size() const override { return rows() * width_ * sizeof(float); }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    const std::uint64_t row_size = width_ * sizeof(float);
    const std::uint64_t first = offset / row_size, end = (offset + out.size() + row_size - 1) / row_size;
    std::vector<std::byte> packed((end - first) * packed_size());
    read_packed(first, end - first, packed);
    std::vector<float> numbers((end - first) * width_);
    for (std::uint64_t r = 0; r < end - first; ++r) {
      format::decode_row(form_, packed.data() + r * packed_size(), width_, numbers.data() + r * width_);
    }
    std::memcpy(out.data(), reinterpret_cast<const std::byte*>(numbers.data()) + (offset - first * row_size),
                out.size());
  }

  void read_packed(std::uint64_t first, std::uint64_t count, std::span<std::byte> out) const {
    std::vector<float> values(out.size());  // whole numbers to 255, whatever the strides of the tensor
    bytes_.read_rows(first, count, values);
    for (std::size_t i = 0; i < values.size(); ++i) out[i] = static_cast<std::byte>(values[i]);
  }

  /// Whether `table` is all of it, row by row.
  bool is_whole(const Tensor& table) const {
    const auto width = static_cast<std::int64_t>(width_);
    return table.offset == 0 && table.shape == std::vector{bytes_.shape[0], width} &&
           table.strides == std::vector<std::int64_t>{width, 1};
  }

  format::RowForm form() const { return form_; }

 private:
  std::uint64_t rows() const { return static_cast<std::uint64_t>(bytes_.shape[0]); }
  std::uint64_t packed_size() const { return static_cast<std::uint64_t>(bytes_.shape[1]); }

  Tensor bytes_;
  format::RowForm form_;
  std::uint64_t width_;
};

// The storage knows what it decodes; a note on the tensor would stay behind when a preset takes a part of the table.
const UnpackedStorage* storage_of(const Tensor& table) {
  const auto* storage = dynamic_cast<const UnpackedStorage*>(table.storage.get());
  return storage && storage->is_whole(table) ? storage : nullptr;
}

}  // namespace

std::optional<std::uint64_t> packed_width(format::RowForm form, std::uint64_t bytes) {
  const std::uint64_t without_numbers = format::row_bytes(form, 0);
  if (bytes <= without_numbers) return std::nullopt;
  return (bytes - without_numbers) * (form == format::RowForm::i4 ? 2 : 1);
}

Tensor unpacked(const Tensor& bytes, format::RowForm form, std::uint64_t width) {
  Tensor table;
  table.name = bytes.name;
  table.dtype = DType::f32;
  table.shape = {bytes.shape[0], static_cast<std::int64_t>(width)};
  table.strides = {table.shape[1], 1};
  table.storage = std::make_shared<UnpackedStorage>(bytes, form, width);
  return table;
}

Tensor unpacked(const Tensor& bytes, format::RowForm form) {
  return unpacked(bytes, form, packed_width(form, static_cast<std::uint64_t>(bytes.shape[1])).value());
}

std::optional<format::RowForm> packed_form(const Tensor& table) {
  const UnpackedStorage* storage = storage_of(table);
  return storage ? std::optional(storage->form()) : std::nullopt;
}

void read_packed_rows(const Tensor& table, std::uint64_t first, std::uint64_t count, std::span<std::byte> out) {
  storage_of(table)->read_packed(first, count, out);
}

}  // namespace dinghy::converter
