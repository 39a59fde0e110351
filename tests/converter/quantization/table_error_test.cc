// The errors of stored rows, on tables whose errors can be worked out.
#include "converter/quantization/table_error.h"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>

#include "converter/error.h"
#include "converter/quantization/table_report.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinRel;

namespace dinghy::converter {
namespace {

using enum format::RowForm;

Table table_of(std::vector<std::int64_t> shape, const std::vector<float>& numbers) {
  return {.name = "item", .source = memory_tensor("item.weight", std::move(shape), numbers)};
}

TableError error_of(const Table& table, format::RowForm form) {
  return table_errors(table, std::array{form}, "m.npz").front();
}

}  // namespace

TEST_CASE("The error of a table is that of its numbers, and the worst row has the largest", "[quantization]") {
  // Steps of 1 hold the first row exactly; the second has steps of 2 and 7 is half way between two of them.
  const Table table = table_of({2, 3}, {0, 15, 5, 0, 30, 7});
  const TableError error = error_of(table, i4);
  CHECK(error.worst_row == 1);
  const double squares = 15 * 15 + 5 * 5 + 30 * 30 + 7 * 7;
  CHECK_THAT(error.relative_l2, WithinRel(std::sqrt(1 / squares), 1e-9));
  CHECK_THAT(error.worst_row_l2, WithinRel(std::sqrt(1 / (squares / 2)), 1e-9));
  CHECK_FALSE(error.overflow);
}

TEST_CASE("Tables that a form holds exactly have no error, a table of zeros too", "[quantization]") {
  CHECK(error_of(table_of({1, 2}, {0.1f, -3}), f32).relative_l2 == 0);
  CHECK(error_of(table_of({1, 2}, {0.5f, -3}), f16).relative_l2 == 0);
  for (const format::RowForm form : {f16, i8, i8_half, i4}) {
    CHECK(error_of(table_of({2, 3}, {0, 0, 0, 0, 0, 0}), form).relative_l2 == 0);
    CHECK(error_of(table_of({2, 3}, {0, 0, 0, 0, 0, 0}), form).worst_row_l2 == 0);
  }
}

TEST_CASE("The error is the same whether rows come in one piece or in many", "[quantization]") {
  std::vector<float> numbers;  // 4 MB
  for (int i = 0; i < 1 << 20; ++i) numbers.push_back(static_cast<float>(std::sin(i)));
  numbers[999'999] = 40;
  const TableError error = error_of(table_of({1 << 18, 4}, numbers), i8);
  CHECK(error.worst_row == 249'999);
  CHECK(error.relative_l2 < 0.01);
  CHECK(error.relative_l2 > 0.0001);
}

TEST_CASE("A number too large for a half is refused with table and row, and i8 takes it", "[quantization]") {
  Network network;
  network.tables = {table_of({2, 2}, {1, 2, 70000, 1})};
  CHECK(error_of(network.tables[0], f16).overflow == 1);
  CHECK_THROWS_MATCHES(store_tables(network, {f16}, "m.npz"), Error,
                       MessageMatches(ContainsSubstring("m.npz: item.weight: row 1 has numbers too large for f16")));
  CHECK(store_tables(network, {i8}, "m.npz")[0].error.relative_l2 < 0.01);
}

TEST_CASE("NaN in a table is refused with table, row and column before it is stored in fewer bytes", "[quantization]") {
  const Table table = table_of({2, 2}, {1, 2, 3, std::numeric_limits<float>::quiet_NaN()});
  CHECK_THROWS_MATCHES(error_of(table, i8), Error,
                       MessageMatches(ContainsSubstring("m.npz: item.weight: row 1, column 1 is nan")));
}

}  // namespace dinghy::converter
