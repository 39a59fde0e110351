// Scoring requests of any size, with attention in the place of the request's own behaviours.
#include "converter/requests/request_scorer.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

#include "converter/error.h"
#include "converter/model_file/writer.h"
#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"

namespace dinghy::converter {
namespace {

Model open(const Network& network) {
  const TemporaryFolder folder;
  write_model(network, {}, {}, folder.path("m.dinghy"));
  auto model = Model::open(folder.path("m.dinghy").c_str());
  REQUIRE(model.ok());
  return *model;
}

Request request(const Model& model, const std::string& history, const std::string& items = "[0]") {
  const std::string line = R"({"user": {"user_id": 0}, "context": {"hour": 0}, "history": {"item_id": )" + history +
                           R"(}, "candidates": {"item_id": )" + items + R"(, "brand": [""]}})";
  return parse_request(request_shape(model), line, "r.jsonl:1");
}

}  // namespace

TEST_CASE("A history that keeps its first behaviours gives the last ones the weight 0", "[requests]") {
  Network network = arithmetic_network();
  network.sequences[0].keep = format::Keep::first;
  const Model model = open(network);
  RequestScorer scorer(model, "m.dinghy");
  const RequestScores& scores = scorer.score(request(model, "[4, 4, 4, 4, 7, 7]"), true);
  CHECK(scores.scores == std::vector<float>{0.125f});
  CHECK(scores.attention == Attention<float>{{0.25f, 0.25f, 0.25f, 0.25f, 0, 0}});
}

TEST_CASE("Each interest has its attention, in the model's order", "[requests]") {
  Network network = arithmetic_network();
  network.interests.push_back(network.interests[0]);
  network.interests[1].name = "constant";
  network.interests[1].normalizer = format::Normalizer::one;
  const Model model = open(network);
  RequestScorer scorer(model, "m.dinghy");
  CHECK(scorer.score(request(model, "[1, 2]"), true).attention == Attention<float>{{0.5f, 0.5f}, {1, 1}});
}

TEST_CASE("Interests in histories of their own have attention of those lengths", "[requests]") {
  Network network = arithmetic_network();
  network.sequences.push_back({.name = "purchases", .max_length = 2});
  network.features.push_back(network.features[2]);
  network.features.back().name = "bought_id";
  network.features.back().role = format::Role::history;
  network.features.back().table = -1;
  network.features.back().sequence = 1;
  network.interests.push_back(network.interests[0]);
  network.interests[1].name = "purchases";
  network.interests[1].sequence = 1;
  network.interests[1].fields = {{.query = 2, .key = 4}};
  const Model model = open(network);
  RequestScorer scorer(model, "m.dinghy");
  const RequestScores& scores = scorer.score(request(model, R"([1, 2], "bought_id": [1, 2, 3])"), true);
  CHECK(scores.attention == Attention<float>{{0.5f, 0.5f}, {0, 0.5f, 0.5f}});
}

TEST_CASE("A scorer takes small requests after large ones and gives the same scores", "[requests]") {
  const Model model = open(arithmetic_network());
  RequestScorer scorer(model, "m.dinghy");
  const float before = scorer.score(request(model, "[4]"), false).scores[0];
  scorer.score(request(model, "[1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7]"), true);
  const RequestScores& after = scorer.score(request(model, "[4]"), false);
  CHECK(after.scores == std::vector<float>{before});
  CHECK(after.attention.empty());
}

TEST_CASE("What the engine refuses is an error at the place of the request", "[requests]") {
  Network network = arithmetic_network();
  network.interests[0].empty = format::EmptyHistory::reject;
  const Model model = open(network);
  RequestScorer scorer(model, "m.dinghy");
  CHECK_THROWS_MATCHES(
      scorer.score(request(model, "[]"), false), Error,
      Catch::Matchers::Message("r.jsonl:1: this model defines no score for a user without behaviours"));
}

}  // namespace dinghy::converter
