#include "converter/tensor.h"

#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "converter/error.h"
#include "converter/readers/storage.h"
#include "converter/readers/tensor_bounds.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

Tensor tensor_of(const std::string& bytes, DType dtype, std::vector<std::int64_t> shape,
                 std::vector<std::int64_t> strides, std::uint64_t offset = 0) {
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  return {"t",
          dtype,
          std::move(shape),
          std::move(strides),
          offset,
          std::make_shared<BufferStorage>(std::vector<std::byte>(begin, begin + bytes.size()))};
}

std::string floats(int count) {
  std::vector<float> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(static_cast<float>(i));
  return bytes_of(numbers);
}

TEST_CASE("half floats come out exactly, with subnormals, infinity and NaN", "[converter]") {
  const std::vector<std::uint16_t> bits{0x0001, 0x03ff, 0x0400, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000};
  const std::vector<double> values = tensor_of(bytes_of(bits), DType::f16, {10}, {1}).values();
  CHECK(values[0] == std::ldexp(1.0, -24));
  CHECK(values[1] == std::ldexp(1023.0, -24));
  CHECK(values[2] == std::ldexp(1.0, -14));
  CHECK(values[3] == 1);
  CHECK(values[4] == -2);
  CHECK(values[5] == 65504);
  CHECK(values[6] == HUGE_VAL);
  CHECK(values[7] == -HUGE_VAL);
  CHECK(std::isnan(values[8]));
  CHECK(std::signbit(values[9]));
}

TEST_CASE("bfloat16 is the upper half of a float", "[converter]") {
  const std::vector<std::uint16_t> bits{0x3f80, 0xc049};
  CHECK(tensor_of(bytes_of(bits), DType::bf16, {2}, {1}).values() == std::vector<double>{1, -3.140625});
}

TEST_CASE("rows are read in row-major order whatever the strides", "[converter]") {
  const std::string bytes = floats(24);
  std::vector<float> rows(6);
  tensor_of(bytes, DType::f32, {4, 6}, {6, 1}).read_rows(2, 1, rows);
  CHECK(rows == std::vector<float>{12, 13, 14, 15, 16, 17});
  std::vector<float> transposed(8);
  tensor_of(bytes, DType::f32, {6, 4}, {1, 6}).read_rows(1, 2, transposed);
  CHECK(transposed == std::vector<float>{1, 7, 13, 19, 2, 8, 14, 20});
  CHECK(tensor_of(bytes, DType::f32, {2, 2}, {12, 2}, 1).values() == std::vector<double>{1, 3, 13, 15});
  CHECK(tensor_of(bytes, DType::f32, {2, 3, 2}, {1, 2, 12}).values() ==
        std::vector<double>{0, 12, 2, 14, 4, 16, 1, 13, 3, 15, 5, 17});
}

TEST_CASE("a transposed table larger than one read is read whole", "[converter]") {
  constexpr int kRows = 300'000;
  const Tensor table = tensor_of(floats(2 * kRows), DType::f32, {kRows, 2}, {1, kRows});
  const std::vector<double> values = table.values();
  bool right = true;
  for (int row = 0; row < kRows; ++row) right = right && values[2 * row] == row && values[2 * row + 1] == row + kRows;
  CHECK(right);
}

TEST_CASE("a scalar is one row and an empty tensor none", "[converter]") {
  CHECK(tensor_of(floats(1), DType::f32, {}, {}).values() == std::vector<double>{0});
  CHECK(tensor_of(floats(0), DType::f32, {0, 4}, {4, 1}).values().empty());
  CHECK(tensor_of(floats(1), DType::f32, {}, {}).shape_text() == "[]");
  CHECK(tensor_of(floats(6), DType::f32, {2, 3}, {3, 1}).shape_text() == "[2, 3]");
}

TEST_CASE("two views share their elements only when all of their geometry agrees", "[converter]") {
  const Tensor a = tensor_of(floats(6), DType::f32, {2, 3}, {3, 1});
  Tensor b = a;
  b.name = "other";
  CHECK(a.same_elements(b));
  b.offset = 1;
  CHECK_FALSE(a.same_elements(b));
  CHECK_FALSE(a.same_elements(tensor_of(floats(6), DType::f32, {2, 3}, {3, 1})));
}

TEST_CASE("bounds are checked without overflow", "[converter]") {
  const std::string bytes = floats(6);
  CHECK_NOTHROW(check_bounds(tensor_of(bytes, DType::f32, {2, 3}, {3, 1}), "f"));
  CHECK_NOTHROW(check_bounds(tensor_of(bytes, DType::f32, {0, 3}, {3, 1}, 99), "f"));
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  const std::vector<Tensor> outside{
      tensor_of(bytes, DType::f32, {2, 3}, {3, 1}, 1),
      tensor_of(bytes, DType::f64, {2, 3}, {3, 1}),
      tensor_of(bytes, DType::f32, {-1, 3}, {3, 1}),
      tensor_of(bytes, DType::f32, {2, 3}, {-3, 1}),
      tensor_of(bytes, DType::f32, {2, 3}, {3, kHuge}),
      tensor_of(bytes, DType::f32, {kHuge, 8}, {0, 0}),
      tensor_of(bytes, DType::f32, {4, 4}, {kHuge, kHuge}),
      tensor_of(bytes, DType::f32, {1}, {1}, ~std::uint64_t{0}),
      tensor_of(bytes, DType::f32, {1000}, {0}),
      tensor_of(bytes, DType::f32, {2, 3}, {3}),
      tensor_of(bytes, DType::f32, std::vector<std::int64_t>(33, 1), std::vector<std::int64_t>(33, 1)),
  };
  for (const Tensor& tensor : outside) CHECK_THROWS_AS(check_bounds(tensor, "f"), Error);
}

}  // namespace
}  // namespace dinghy::converter::test
