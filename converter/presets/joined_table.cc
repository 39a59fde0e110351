#include "converter/presets/joined_table.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

namespace dinghy::converter {
namespace {

class JoinedStorage : public Storage {
 public:
  JoinedStorage(Tensor table, Tensor other, std::vector<std::uint64_t> other_row)
      : table_(std::move(table)),
        other_(std::move(other)),
        other_row_(std::move(other_row)),
        width_(static_cast<std::size_t>(table_.shape[1] + other_.shape[1])) {}

  std::uint64_t size() const override { return other_row_.size() * width_ * sizeof(float); }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    const std::uint64_t row_bytes = width_ * sizeof(float);
    std::vector<float> row(width_);
    while (!out.empty()) {
      const std::uint64_t index = offset / row_bytes, begin = offset % row_bytes;
      const std::size_t first = static_cast<std::size_t>(table_.shape[1]);
      table_.read_rows(index, 1, std::span(row).first(first));
      other_.read_rows(other_row_[index], 1, std::span(row).subspan(first));
      const std::size_t count = std::min<std::size_t>(out.size(), row_bytes - begin);
      std::memcpy(out.data(), reinterpret_cast<const std::byte*>(row.data()) + begin, count);
      out = out.subspan(count);
      offset += count;
    }
  }

 private:
  Tensor table_, other_;
  std::vector<std::uint64_t> other_row_;
  std::size_t width_;
};

}  // namespace

Tensor joined_table(const std::string& name, Tensor table, Tensor other, std::vector<std::uint64_t> other_row) {
  Tensor tensor;
  tensor.name = name;
  tensor.dtype = DType::f32;
  tensor.shape = {static_cast<std::int64_t>(other_row.size()), table.shape[1] + other.shape[1]};
  tensor.strides = {tensor.shape[1], 1};
  tensor.storage = std::make_shared<JoinedStorage>(std::move(table), std::move(other), std::move(other_row));
  return tensor;
}

}  // namespace dinghy::converter
