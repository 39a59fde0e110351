#include "converter/presets/computed_table.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/converter/memory_tensor.h"

namespace dinghy::converter {

TEST_CASE("A computed table adds its terms, each times its matrix, and counts rows behind a term's last as zeros",
          "[presets]") {
  const Tensor first = memory_tensor("first", {3, 1}, {1, 2, 3});
  const Tensor second = memory_tensor("second", {3, 2}, {10, 20, 30, 40, 50, 60});
  const Matrix matrix{1, 2, {1, -1}};
  const Tensor table = computed_table("sum", {{first, matrix, 2}, {second, {}, 3}}, {0.5, 0});
  CHECK(table.shape == std::vector<std::int64_t>{3, 2});
  CHECK(table.values() == std::vector<double>{11.5, 19, 32.5, 38, 50.5, 60});
  std::vector<double> last(2);
  table.read_rows(2, 1, last);
  CHECK(last == std::vector<double>{50.5, 60});
}

}  // namespace dinghy::converter
