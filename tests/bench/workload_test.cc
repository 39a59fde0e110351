#include "bench/workloads/workload.h"

#include <catch2/catch_test_macros.hpp>

#include "bench/workloads/random_network.h"
#include "converter/model_file/writer.h"
#include "dinghy/scorer.h"
#include "tests/converter/temporary_folder.h"

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
  CHECK(find_workload("W8") == nullptr);
}

TEST_CASE("Memory grows with the history by the same bytes a behaviour, and keeps to 10 MB at 5,000", "[bench]") {
  converter::TemporaryFolder folder;
  NetworkShape shape = find_workload("W7")->network;
  shape.items = shape.users = 100;
  converter::write_model(random_network(shape, 1), {}, {}, folder.path("m.dinghy"));
  const auto model = Model::open(folder.path("m.dinghy").c_str());
  REQUIRE(model.ok());
  const auto scorer = [&](std::size_t history) {
    return *Scorer::size(*model, {.max_candidates = 100, .max_history = history, .isa = "sse4_2"});
  };
  const auto user = [&](std::size_t history) {
    return *UserState::size(*model, {.max_history = history, .isa = "sse4_2"});
  };
  CHECK(scorer(5000) < 10'000'000);
  CHECK(user(5000) < 2'000'000);
  // 100 logits and a key, its coarse part, the first layer's sums twice and some indexes; roundings up to 64 bytes.
  CHECK(scorer(5000) - scorer(1000) < 4000 * 1900);
  CHECK(scorer(5000) - scorer(1000) < 5 * (scorer(1800) - scorer(1000)) * 11 / 10);
}

}  // namespace dinghy::bench
