#include "converter/block_matrix.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <numeric>

#include "converter/error.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

// Rows [row, row + rows) and columns [column, column + columns) of the matrix 0, 1, 2, … with 5 columns.
Block part(std::uint64_t row, std::uint64_t column, std::int64_t rows, std::int64_t columns) {
  std::vector<float> numbers;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      numbers.push_back(
          static_cast<float>((static_cast<std::int64_t>(row) + r) * 5 + static_cast<std::int64_t>(column) + c));
    }
  }
  return {row, column, memory_tensor("part", {rows, columns}, numbers)};
}

std::vector<double> ramp(std::size_t count) {
  std::vector<double> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  return numbers;
}

}  // namespace

TEST_CASE("Blocks in any order make one matrix, whose rows can be read from anywhere", "[converter]") {
  const Tensor whole = block_matrix(
      "table", {part(3, 2, 1, 3), part(0, 0, 3, 1), part(3, 0, 1, 2), part(0, 1, 3, 4), part(4, 0, 2, 5)}, "m");
  CHECK(whole.name == "table");
  CHECK(whole.dtype == DType::f32);
  CHECK(whole.shape == std::vector<std::int64_t>{6, 5});
  CHECK(whole.values() == ramp(30));
  std::vector<float> rows(10);
  whole.read_rows(2, 2, std::span(rows));
  CHECK(rows == std::vector<float>{10, 11, 12, 13, 14, 15, 16, 17, 18, 19});
  std::vector<std::byte> middle(3 * sizeof(float));  // from within one row into the next
  whole.storage->read(13 * sizeof(float), middle);
  CHECK(std::memcmp(middle.data(), std::vector<float>{13, 14, 15}.data(), middle.size()) == 0);
}

TEST_CASE("A block of wide numbers makes the whole matrix wide", "[converter]") {
  Block wide = part(0, 1, 1, 1);
  const std::vector<double> number{0.1};
  std::vector<std::byte> bytes(sizeof(double));
  std::memcpy(bytes.data(), number.data(), bytes.size());
  wide.tensor.dtype = DType::f64;
  wide.tensor.storage = std::make_shared<BufferStorage>(std::move(bytes));
  CHECK(block_matrix("table", {part(0, 0, 1, 1), wide}, "m").values() == std::vector<double>{0, 0.1});
}

TEST_CASE("Blocks that overlap or leave holes are no matrix", "[converter]") {
  const auto refused = [](std::vector<Block> blocks, const std::string& what) {
    CHECK_THROWS_MATCHES(block_matrix("table", std::move(blocks), "m"), Error,
                         MessageMatches(ContainsSubstring("m: " + what)));
  };
  refused({}, "has no parts");
  refused({part(0, 1, 1, 4)}, "its parts overlap or leave a hole");
  refused({part(1, 0, 1, 5)}, "its parts overlap or leave a hole");
  refused({part(0, 0, 2, 5), part(1, 0, 1, 5)}, "its parts overlap or leave a hole");
  refused({part(0, 0, 1, 5), part(2, 0, 1, 5)}, "its parts overlap or leave a hole");
  refused({part(0, 0, 2, 3), part(0, 3, 1, 2)}, "its parts overlap or leave a hole");
  refused({part(0, 0, 1, 5), part(0, 0, 1, 5)}, "its parts overlap or leave a hole");
  refused({part(0, 0, 1, 5), part(1, 0, 1, 4)}, "its parts leave a hole");
  refused({part(0, 0, 0, 5)}, "its parts overlap or leave a hole");
}

}  // namespace dinghy::converter
