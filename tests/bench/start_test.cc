#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/peers/start/first_score.h"
#include "bench/workloads/random_network.h"
#include "bench/workloads/workload.h"
#include "converter/model_file/writer.h"
#include "dinghy/scorer.h"
#include "tests/converter/temporary_folder.h"

namespace dinghy::bench {
namespace {

/// Two candidates and three behaviours of a small model.
struct SmallModel {
  converter::TemporaryFolder folder;
  std::string path = folder.path("m.dinghy");

  SmallModel() {
    NetworkShape shape = find_workload("W0")->network;
    shape.items = shape.users = 100;
    converter::write_model(random_network(shape, 1), {}, {}, path);
  }

  std::vector<float> scores() const {
    const auto model = Model::open(path.c_str());
    const std::int64_t one[] = {7}, items[] = {1, 2}, categories[] = {3, 4}, seen[] = {5, 6, 7}, of[] = {8, 9, 10};
    const auto ids = [&](const char* name, auto& numbers) { return Column::ids(*model->feature(name), numbers); };
    auto user = UserState::create(*model);
    auto scorer = Scorer::create(*model);
    const Column features[] = {ids("user", one)}, history[] = {ids("item", seen), ids("category", of)};
    const Column candidates[] = {ids("item", items), ids("category", categories)};
    std::vector<float> scores(2);
    REQUIRE(user->set(features, history).ok());
    REQUIRE(scorer->score(*user, candidates, scores).ok());
    return scores;
  }
};

/// What dinghy-start prints.
std::string start(const std::string& arguments) {
  std::FILE* const program = popen((DINGHY_START " " + arguments + " 2>&1").c_str(), "r");
  REQUIRE(program != nullptr);
  std::string printed;
  char part[256];
  while (std::fgets(part, sizeof part, program) != nullptr) printed += part;
  pclose(program);
  return printed;
}

}  // namespace

TEST_CASE("A started program reports its scores, steps, faults and bytes", "[bench]") {
  const SmallModel model;
  for (const std::string option : {"", "--prefetch "}) {
    const auto report = nlohmann::json::parse(
        start(option + model.path + " user=7 item=1,2 category=3,4 history_item=5,6,7 history_category=8,9,10"));
    CHECK(report["scores"].get<std::vector<float>>() == model.scores());
    CHECK(report["steps"].contains("open"));
    CHECK(report["steps"].contains("prefetch") == !option.empty());
    CHECK(report["steps"]["score"] > 0);
    CHECK(report["minor"] > 0);
    CHECK(report["read"] > 0);
  }
}

TEST_CASE("A program that cannot score says why", "[bench]") {
  const SmallModel model;
  CHECK_THAT(start("missing.dinghy user=1"), Catch::Matchers::ContainsSubstring("cannot open"));
  CHECK_THAT(start(model.path + " user=1 item=1 history_item=1"), Catch::Matchers::ContainsSubstring("category"));
  CHECK_THAT(start(model.path + " color=1"), Catch::Matchers::ContainsSubstring("color: is no feature"));
  CHECK_THAT(start(model.path), Catch::Matchers::ContainsSubstring("usage"));
}

TEST_CASE("Ids of an argument are those between commas", "[bench]") {
  const auto input = read_input<std::int32_t>("item=1,-2,30");
  CHECK(input.name == "item");
  CHECK(input.ids == std::vector<std::int32_t>{1, -2, 30});
  for (const char* text : {"item", "item=", "item=1,", "item=x", "item=1;2"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(read_input<std::int32_t>(text), Catch::Matchers::ContainsSubstring("NAME=ID,ID"));
  }
}

}  // namespace dinghy::bench
