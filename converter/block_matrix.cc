#include "converter/block_matrix.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

std::uint64_t rows_of(const Block& block) { return static_cast<std::uint64_t>(block.tensor.shape[0]); }
std::uint64_t columns_of(const Block& block) { return static_cast<std::uint64_t>(block.tensor.shape[1]); }

bool fits_float32(const Block& block) {
  const DType type = block.tensor.dtype;
  return type == DType::f16 || type == DType::bf16 || type == DType::f32;
}

template <class Number>
class BlockStorage : public Storage {
 public:
  BlockStorage(std::vector<Block> blocks, std::uint64_t rows, std::uint64_t columns)
      : blocks_(std::move(blocks)), rows_(rows), columns_(columns) {}

  std::uint64_t size() const override { return rows_ * columns_ * sizeof(Number); }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (out.empty()) return;
    const std::uint64_t row_bytes = columns_ * sizeof(Number);
    const std::uint64_t first = offset / row_bytes;
    const std::uint64_t end = (offset + out.size() + row_bytes - 1) / row_bytes;
    const std::vector<Number> rows = read_rows(first, end - first);
    std::memcpy(out.data(), reinterpret_cast<const std::byte*>(rows.data()) + (offset - first * row_bytes), out.size());
  }

 private:
  std::vector<Number> read_rows(std::uint64_t first, std::uint64_t count) const {
    std::vector<Number> rows(count * columns_), part;
    // Sorted by row: the first block that reaches into the rows begins the run of those that do.
    auto block = std::ranges::partition_point(
        blocks_, [&](const Block& candidate) { return candidate.row + rows_of(candidate) <= first; });
    for (; block != blocks_.end() && block->row < first + count; ++block) {
      const std::uint64_t begin = std::max(first, block->row);
      const std::uint64_t end = std::min(first + count, block->row + rows_of(*block));
      const std::uint64_t width = columns_of(*block);
      part.resize((end - begin) * width);
      block->tensor.read_rows(begin - block->row, end - begin, std::span<Number>(part));
      for (std::uint64_t row = begin; row < end; ++row) {
        std::copy_n(part.begin() + static_cast<std::ptrdiff_t>((row - begin) * width), width,
                    rows.begin() + static_cast<std::ptrdiff_t>((row - first) * columns_ + block->column));
      }
    }
    return rows;
  }

  std::vector<Block> blocks_;
  std::uint64_t rows_, columns_;
};

struct Extent {
  std::uint64_t rows = 0, columns = 0;
};

// Goes through the sorted blocks band by band; throws unless each begins where the one before it ended.
Extent check_tiling(const std::vector<Block>& blocks, const std::string& where) {
  Extent whole;
  std::uint64_t column = 0, band_rows = 0;
  const auto close_band = [&] {
    if (whole.columns != 0 && column != whole.columns)
      throw Error(where, "its parts leave a hole: the file is damaged");
    whole.columns = column;
    whole.rows += band_rows;
    column = 0;
  };
  for (const Block& block : blocks) {
    if (column != 0 && block.row != whole.rows) close_band();
    const bool joins = block.row == whole.rows && block.column == column && rows_of(block) > 0 && columns_of(block) > 0;
    if (!joins || (column != 0 && rows_of(block) != band_rows)) {
      throw Error(where, "its parts overlap or leave a hole: the file is damaged");
    }
    band_rows = rows_of(block);
    column += columns_of(block);
  }
  close_band();
  return whole;
}

}  // namespace

Tensor block_matrix(std::string name, std::vector<Block> blocks, const std::string& where) {
  if (blocks.empty()) throw Error(where, "has no parts");
  std::ranges::sort(blocks, {}, [](const Block& block) { return std::pair(block.row, block.column); });
  const Extent whole = check_tiling(blocks, where);
  if (whole.rows > std::numeric_limits<std::int64_t>::max() / sizeof(double) / whole.columns) {
    throw Error(where, "is impossibly large");
  }
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.shape = {static_cast<std::int64_t>(whole.rows), static_cast<std::int64_t>(whole.columns)};
  tensor.strides = {tensor.shape[1], 1};
  if (std::ranges::all_of(blocks, fits_float32)) {
    tensor.dtype = DType::f32;
    tensor.storage = std::make_shared<BlockStorage<float>>(std::move(blocks), whole.rows, whole.columns);
  } else {
    tensor.dtype = DType::f64;
    tensor.storage = std::make_shared<BlockStorage<double>>(std::move(blocks), whole.rows, whole.columns);
  }
  return tensor;
}

}  // namespace dinghy::converter
