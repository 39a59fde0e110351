#include "engine/format/dense.h"

#include <algorithm>
#include <bit>

#include "engine/format/bounds.h"
#include "schema/finite.h"
#include "schema/header.h"

namespace dinghy::format {
namespace {

// By its bits: the engine runs with denormals taken for zeros.
constexpr bool is_zero(float number) noexcept { return std::bit_cast<std::uint32_t>(number) == 0; }

}  // namespace

DenseReader::DenseReader(const File& file) noexcept : file_(file) {
  file.for_each_segment(SegmentKind::dense, [this](std::span<const std::byte> bytes) { room_ += bytes.size(); });
}

Status DenseReader::read(const Tensor& tensor, const char* owner, Matrix& matrix) noexcept {
  if (tensor.rows() == 0 || tensor.cols() == 0 || tensor.rows() > kMaxInput || tensor.cols() > kMaxWidth) {
    return Status::error(Code::bad_file, "%s: %u x %u is empty or too large", owner, tensor.rows(), tensor.cols());
  }
  if (tensor.stride() != (tensor.cols() + kRowPadding - 1) / kRowPadding * kRowPadding) {
    return Status::error(Code::bad_file, "%s: stride is not cols rounded up to a multiple of 16", owner);
  }
  if (tensor.offset() % kTensorAlignment != 0) {
    return Status::error(Code::bad_file, "%s: offset is not a multiple of 64", owner);
  }
  const std::uint64_t count = std::uint64_t{tensor.rows()} * tensor.stride(), size = count * sizeof(float);
  std::span<const std::byte> bytes;
  if (Status status = file_.range(tensor.segment(), SegmentKind::dense, tensor.offset(), size, owner, bytes); !status) {
    return status;
  }
  if (size > room_) {
    return Status::error(Code::bad_file, "%s: the tensors have more bytes together than the dense segments: overlap",
                         owner);
  }
  room_ -= size;
  const float* const numbers = reinterpret_cast<const float*>(bytes.data());
  for (const float* row = numbers; row != numbers + count; row += tensor.stride()) {
    if (!std::all_of(row + tensor.cols(), row + tensor.stride(), is_zero)) {
      return Status::error(Code::bad_file, "%s: a number behind the last column is not zero", owner);
    }
  }
  if (!all_finite({numbers, static_cast<std::size_t>(count)})) {
    return Status::error(Code::bad_file, "%s: holds a NaN or an infinity", owner);
  }
  matrix.numbers_ = numbers;
  matrix.rows_ = tensor.rows();
  matrix.cols_ = tensor.cols();
  matrix.stride_ = tensor.stride();
  return Status();
}

}  // namespace dinghy::format
