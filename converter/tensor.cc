#include "converter/tensor.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

// Whether `inner` is the path `outer`, or one below it. The empty path is that of all.
bool is_at_or_below(const std::string& inner, const std::string& outer) {
  if (!inner.starts_with(outer)) return false;
  return outer.empty() || inner.size() == outer.size() || inner[outer.size()] == '.' || inner[outer.size()] == '[';
}

float half_to_float(std::uint16_t bits) {
  const float sign = (bits & 0x8000) ? -1.0f : 1.0f;
  const int exponent = (bits >> 10) & 31;
  const int mantissa = bits & 1023;
  if (exponent == 31) {
    return sign * (mantissa ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity());
  }
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
  return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

template <class Stored>
Stored load(const std::byte* bytes) {
  Stored value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

template <class To, class Decode>
void decode_run(const std::byte* bytes, std::size_t count, std::size_t step, To* out, std::size_t out_step,
                Decode decode) {
  for (std::size_t i = 0; i < count; ++i) out[i * out_step] = static_cast<To>(decode(bytes + i * step));
}

/// Elements that lie `step` bytes apart, converted, written `out_step` elements apart.
template <class To>
void convert_run(DType dtype, const std::byte* bytes, std::size_t count, std::size_t step, To* out,
                 std::size_t out_step) {
  const auto run = [&](auto decode) { decode_run(bytes, count, step, out, out_step, decode); };
  switch (dtype) {
    case DType::f16:
      return run([](const std::byte* p) { return half_to_float(load<std::uint16_t>(p)); });
    case DType::bf16:
      return run([](const std::byte* p) { return std::bit_cast<float>(std::uint32_t{load<std::uint16_t>(p)} << 16); });
    case DType::f32:
      return run(load<float>);
    case DType::f64:
      return run(load<double>);
    case DType::i8:
      return run(load<std::int8_t>);
    case DType::u8:
      return run(load<std::uint8_t>);
    case DType::i16:
      return run(load<std::int16_t>);
    case DType::i32:
      return run(load<std::int32_t>);
    case DType::i64:
      return run(load<std::int64_t>);
    case DType::boolean:
      return run([](const std::byte* p) { return load<std::uint8_t>(p) != 0; });
  }
}

/// A part of a tensor as nested loops. Adjacent dimensions that lie gapless in one another are merged, so that a
/// row-major tensor is one run.
struct Loop {
  std::uint64_t count;
  std::uint64_t stride;      // elements in the storage
  std::uint64_t out_stride;  // elements in the output
};

std::vector<Loop> loops_of(const Tensor& tensor, std::uint64_t rows) {
  std::vector<Loop> loops;
  std::uint64_t out_stride = 1;
  for (std::size_t d = tensor.shape.size(); d-- > 0;) {
    const std::uint64_t count = d == 0 ? rows : static_cast<std::uint64_t>(tensor.shape[d]);
    const auto stride = static_cast<std::uint64_t>(tensor.strides[d]);
    if (count != 1) {
      if (!loops.empty() && stride == loops.back().stride * loops.back().count) {
        loops.back().count *= count;
      } else {
        loops.push_back({count, stride, out_stride});
      }
    }
    out_stride *= count;
  }
  if (loops.empty()) loops.push_back({1, 1, 1});
  // The run that is read in one piece goes along the smallest stride: a Fortran-order table then costs one read per
  // column, not one per element.
  std::ranges::stable_sort(loops, std::ranges::greater{}, &Loop::stride);
  return loops;
}

template <class To>
class StridedRead {
 public:
  StridedRead(const Tensor& tensor, std::span<To> out) : tensor_(tensor), out_(out) {}

  void read(std::span<const Loop> loops, std::uint64_t offset, std::uint64_t out_offset) {
    const Loop& loop = loops.front();
    if (loops.size() == 1) return read_run(loop, offset, out_offset);
    for (std::uint64_t i = 0; i < loop.count; ++i) {
      read(loops.subspan(1), offset + i * loop.stride, out_offset + i * loop.out_stride);
    }
  }

 private:
  void read_run(const Loop& loop, std::uint64_t offset, std::uint64_t out_offset) {
    constexpr std::uint64_t kPieceBytes = 1 << 20;
    const std::uint64_t size = size_of(tensor_.dtype);
    const std::uint64_t step = loop.stride * size;
    const std::uint64_t per_piece = step < kPieceBytes ? kPieceBytes / std::max(step, size) : 1;
    for (std::uint64_t first = 0; first < loop.count; first += per_piece) {
      const std::uint64_t count = std::min(per_piece, loop.count - first);
      buffer_.resize((count - 1) * step + size);
      tensor_.storage->read((offset + first * loop.stride) * size, buffer_);
      convert_run(tensor_.dtype, buffer_.data(), count, step, out_.data() + out_offset + first * loop.out_stride,
                  loop.out_stride);
    }
  }

  const Tensor& tensor_;
  std::span<To> out_;
  std::vector<std::byte> buffer_;
};

template <class To>
void read_rows_as(const Tensor& tensor, std::uint64_t first, std::uint64_t count, std::span<To> out) {
  if (out.empty()) return;
  const std::uint64_t row_stride = tensor.shape.empty() ? 0 : static_cast<std::uint64_t>(tensor.strides[0]);
  StridedRead<To>(tensor, out).read(loops_of(tensor, count), tensor.offset + first * row_stride, 0);
}

}  // namespace

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::i8:
    case DType::u8:
    case DType::boolean:
      return 1;
    case DType::f16:
    case DType::bf16:
    case DType::i16:
      return 2;
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::f64:
    case DType::i64:
      return 8;
  }
  return 0;
}

const char* name_of(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return "float16";
    case DType::bf16:
      return "bfloat16";
    case DType::f32:
      return "float32";
    case DType::f64:
      return "float64";
    case DType::i8:
      return "int8";
    case DType::u8:
      return "uint8";
    case DType::i16:
      return "int16";
    case DType::i32:
      return "int32";
    case DType::i64:
      return "int64";
    case DType::boolean:
      return "bool";
  }
  return "";
}

std::uint64_t Tensor::numel() const {
  std::uint64_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::uint64_t>(extent);
  return count;
}

std::string Tensor::shape_text() const {
  std::string text = "[";
  for (std::size_t d = 0; d < shape.size(); ++d) text += (d ? ", " : "") + std::to_string(shape[d]);
  return text + "]";
}

bool Tensor::same_elements(const Tensor& other) const {
  return storage == other.storage && dtype == other.dtype && offset == other.offset && shape == other.shape &&
         strides == other.strides;
}

void Tensor::read_rows(std::uint64_t first, std::uint64_t count, std::span<float> out) const {
  read_rows_as(*this, first, count, out);
}

void Tensor::read_rows(std::uint64_t first, std::uint64_t count, std::span<double> out) const {
  read_rows_as(*this, first, count, out);
}

std::vector<double> Tensor::values() const {
  std::vector<double> result(numel());
  read_rows(0, shape.empty() ? 1 : static_cast<std::uint64_t>(shape[0]), result);
  return result;
}

const Tensor* Checkpoint::find(const std::string& name) const {
  const auto found = std::ranges::find(tensors, name, &Tensor::name);
  return found == tensors.end() ? nullptr : &*found;
}

bool sorted_by_name(std::span<const Tensor> tensors) {
  std::map<DType, std::string> last;  // a copy of a safetensors file has the types one behind the other
  for (const Tensor& tensor : tensors) {
    std::string& before = last[tensor.dtype];
    if (tensor.name < before) return false;
    before = tensor.name;
  }
  return true;
}

const Document* Checkpoint::find_document(const std::string& document) const {
  const auto found = std::ranges::find(documents, document, &Document::name);
  if (found != documents.end()) return &*found;
  refuse_unread(document);
  return nullptr;
}

void Checkpoint::refuse_unread(const std::string& searched) const {
  for (const auto& [place, what] : unread) {
    if (!is_at_or_below(searched, place) && !is_at_or_below(place, searched)) continue;
    throw Error(path + ": " + (place.empty() ? searched : place),
                what + ", which is not read, so whether the file says " + searched +
                    " is not known; save it with plain numbers and texts there, or the state_dict alone");
  }
  for (const auto& [place, value] : facts) {
    if (!is_at_or_below(place, searched)) continue;
    throw Error(path + ": " + searched, "is no plain value, but has " + place +
                                            "; save it as a number, a text or a list of such, or the state_dict alone");
  }
}

}  // namespace dinghy::converter
