// How large the numbers of the columns are that keys are divided by.
#include "converter/quantization/column_sizes.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <cmath>
#include <limits>

#include "converter/error.h"
#include "tests/converter/memory_tensor.h"

namespace dinghy::converter {
namespace {

/// An item and its category in the history, and a user.
Network network_of(Tensor items) {
  Network network;
  network.tables = {{.name = "user", .source = memory_tensor("u", {2, 1}, {1, 2})},
                    {.name = "item", .source = std::move(items)},
                    {.name = "category", .source = memory_tensor("c", {1, 1}, {-7})}};
  network.features.resize(3);
  network.features[1].history_table = 1;
  network.features[2].history_table = 2;
  network.interests.resize(1);
  network.interests[0].fields = {{1, 1}, {2, 2}};
  return network;
}

}  // namespace

TEST_CASE("Columns of keys have the root mean square of their numbers, or 1 where all are zeros", "[quantization]") {
  Network network = network_of(memory_tensor("i", {2, 3}, {3, 0, -1, 4, 0, 1}));
  measure_columns(network, "x.npz");
  CHECK(network.tables[0].column_sizes.empty());
  CHECK(network.tables[1].column_sizes == Vector{std::sqrt(12.5), 1, 1});
  CHECK(network.tables[2].column_sizes == Vector{7});
}

TEST_CASE("Columns of other scores than the local activation unit's are not measured", "[quantization]") {
  Network network = network_of(memory_tensor("i", {1, 1}, {3}));
  network.interests[0].score = format::Score::dot;
  measure_columns(network, "x.npz");
  for (const Table& table : network.tables) CHECK(table.column_sizes.empty());
}

TEST_CASE("A column with a number that is not finite is an error with its place", "[quantization]") {
  Network network = network_of(memory_tensor("i", {1, 2}, {3, std::numeric_limits<float>::infinity()}));
  CHECK_THROWS_MATCHES(
      measure_columns(network, "x.npz"), Error,
      Catch::Matchers::Message("x.npz: i: row 0, column 1 is inf; the training went wrong or the file is damaged"));
}

}  // namespace dinghy::converter
