#include "bench/workloads/workload.h"

#include <catch2/catch_test_macros.hpp>

namespace dinghy::bench {

TEST_CASE("The folded multiply-adds of W2 are those of its hundred candidates and hundred behaviours", "[bench]") {
  // 128 x 80 + 80 x 40 + 40 for a pair and 128 for its share of the sum; E(q) and the query's part 2 x 128 x 80;
  // the tower 256 x 80 + 80 x 40 + 40, and the user's 64 x 80 once.
  const std::uint64_t pair = 128 * 80 + 80 * 40 + 40 + 128, query = 2 * 128 * 80, tower = 256 * 80 + 80 * 40 + 40;
  CHECK(folded_multiply_adds(*find_workload("W2")) == 100 * (100 * pair + query + tower) + 64 * 80);
  CHECK(folded_multiply_adds(*find_workload("W6")) == 100 * (pair + query + tower));
}

TEST_CASE("Every workload has its name, also the one that is not among all", "[bench]") {
  for (const Workload& workload : workloads()) CHECK(find_workload(workload.name) == &workload);
  REQUIRE(find_workload("W5") != nullptr);
  CHECK(find_workload("W5")->network.items * 64 * 4 > 4'294'967'296);
  CHECK(find_workload("W7") == nullptr);
}

}  // namespace dinghy::bench
