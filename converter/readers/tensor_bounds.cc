#include "converter/readers/tensor_bounds.h"

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr std::size_t kMaxDimensions = 32;  // NumPy's own limit before 2.0

/// The number of elements, or a negative number for a shape that cannot be.
std::int64_t count_elements(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t extent : shape) {
    if (extent < 0) return -1;
    if (extent == 0)
      empty = true;
    else if (__builtin_mul_overflow(count, extent, &count))
      return -1;
  }
  return empty ? 0 : count;
}

/// The elements from the storage's start to the last element, or -1, as no storage is so large, when that overflows.
std::int64_t last_element(const Tensor& tensor) {
  std::int64_t end = 0;
  if (__builtin_add_overflow(tensor.offset, std::uint64_t{0}, &end)) return -1;
  for (std::size_t d = 0; d < tensor.shape.size(); ++d) {
    std::int64_t extent = 0;
    if (tensor.strides[d] < 0 || __builtin_mul_overflow(tensor.shape[d] - 1, tensor.strides[d], &extent) ||
        __builtin_add_overflow(end, extent, &end)) {
      return -1;
    }
  }
  return end;
}

}  // namespace

std::vector<std::int64_t> dense_strides(const std::vector<std::int64_t>& shape, bool fortran_order,
                                        const std::string& where) {
  if (shape.size() > kMaxDimensions) throw Error(where, "has more than 32 dimensions");
  const std::int64_t count = count_elements(shape);
  if (count < 0) throw Error(where, "has a negative or impossibly large shape");
  std::vector<std::int64_t> strides(shape.size(), 1);
  if (count == 0) return strides;  // its other extents may be anything
  std::int64_t stride = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t d = fortran_order ? i : shape.size() - 1 - i;
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

void check_bounds(const Tensor& tensor, const std::string& where) {
  const auto fail = [&](const std::string& what) {
    throw Error(where, "tensor " + in_quotes(tensor.name) + " " + what);
  };
  if (tensor.shape.size() > kMaxDimensions) fail("has more than 32 dimensions");
  if (tensor.strides.size() != tensor.shape.size()) fail("has a size and a stride of different lengths");
  const std::int64_t count = count_elements(tensor.shape);
  if (count < 0) fail("has a negative or impossibly large shape " + tensor.shape_text());
  if (count == 0) return;
  const std::uint64_t held = tensor.storage->size() / size_of(tensor.dtype);
  if (static_cast<std::uint64_t>(last_element(tensor)) >= held) {
    fail("of shape " + tensor.shape_text() + " reaches outside its storage of " + std::to_string(held) + " elements");
  }
  if (static_cast<std::uint64_t>(count) > held) {
    fail("of shape " + tensor.shape_text() + " is an expanded view; save it after .contiguous()");
  }
}

}  // namespace dinghy::converter
