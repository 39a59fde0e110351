#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

struct Output {
  std::vector<float> scores, attention;
};

std::size_t attention_size(const Model& model, const UserState& user, std::size_t candidates) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < model.interests(); ++i) size += candidates * user.history_length(i);
  return size;
}

Output rescore(const Model& model, Scorer& scorer, const UserState& user, std::size_t candidates) {
  Output out{std::vector<float>(candidates), std::vector<float>(attention_size(model, user, candidates))};
  const Status status = scorer.rescore(user, out.scores, out.attention);
  INFO(status.message());
  REQUIRE(status.ok());
  return out;
}

Output from_scratch(const Model& model, const UserState& user, const Request& request, const std::string& isa) {
  auto scorer = Scorer::create(model, {.max_candidates = request.rows, .max_history = 200, .isa = isa});
  Output out{std::vector<float>(request.rows), std::vector<float>(attention_size(model, user, request.rows))};
  REQUIRE(scorer->score(user, request.candidates.columns(model), out.scores, out.attention).ok());
  return out;
}

void check_equal(const Output& got, const Output& expected) {
  REQUIRE(got.scores.size() == expected.scores.size());
  for (std::size_t n = 0; n < got.scores.size(); ++n) {
    if (!(std::fabs(got.scores[n] - expected.scores[n]) <= 1e-6f)) REQUIRE(got.scores[n] == expected.scores[n]);
  }
  REQUIRE(got.attention.size() == expected.attention.size());
  for (std::size_t i = 0; i < got.attention.size(); ++i) {
    const float tolerance = 2e-6f * std::max(1.f, std::fabs(expected.attention[i]));
    if (!(std::fabs(got.attention[i] - expected.attention[i]) <= tolerance))
      REQUIRE(got.attention[i] == expected.attention[i]);
  }
}

/// Click after click: rescore() against a score() from scratch by another scorer, past the window's end.
void check_clicks(const Shape& shape, const std::string& isa) {
  const ModelFile file(shape);
  const Model model = file.open();
  const Request request = random_request(model, 53, 90, 3);
  auto user = UserState::create(model, {.max_history = 40, .isa = isa});
  auto scorer = Scorer::create(model, {.max_candidates = 60, .max_history = 40, .isa = isa});
  REQUIRE(user->set(request.user.columns(model), behaviors(request, 0, 10).columns(model)).ok());
  std::vector<float> scores(request.rows);
  REQUIRE(scorer->score(*user, request.candidates.columns(model), scores).ok());
  for (std::size_t t = 10; t < 90;) {
    const std::size_t clicks = std::min<std::size_t>(t % 7 == 0 ? 3 : 1, 90 - t);
    REQUIRE(user->append(behaviors(request, t, clicks).columns(model)).ok());
    t += clicks;
    CAPTURE(t);
    check_equal(rescore(model, *scorer, *user, request.rows), from_scratch(model, *user, request, isa));
  }
}

}  // namespace

TEST_CASE("rescore: after every click equals scoring from scratch, on every ISA", "[scoring]") {
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    check_clicks({.seed = 31}, isa.name);
  }
}

TEST_CASE("rescore: equals scoring from scratch with every knob", "[scoring]") {
  using namespace format;
  check_clicks({.query_layer = true, .two_interests = true, .history_sums = true, .seed = 32}, "");
  check_clicks({.attention = {}, .seed = 33}, "");
  check_clicks({.score = Score::dot, .narrow_query = true, .seed = 34}, "");
  check_clicks({.pads = Pads::attend, .pad_to = 35, .seed = 35}, "");
  check_clicks({.normalizer = Normalizer::raw, .pads = Pads::attend, .pad_to = 60, .seed = 36}, "");
  check_clicks({.pads = Pads::zero_logit, .pad_to = 35, .mask = Mask::every_id, .seed = 37}, "");
  check_clicks({.keep = Keep::first, .seed = 38}, "");
  check_clicks({.empty = EmptyHistory::pad_row, .biases = true, .seed = 39}, "");
  check_clicks({.mixed_fields = true, .content = true, .seed = 40}, "");
  check_clicks({.pads = Pads::attend, .pad_to = 60, .history_sums = true, .content = true, .seed = 41}, "");
}

TEST_CASE("rescore: within 1e-6 of scratch after thousands of clicks", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 20, 3000, 4);
  auto user = UserState::create(model, {.max_history = 30});
  auto scorer = Scorer::create(model, {.max_candidates = 20, .max_history = 30});
  REQUIRE(user->set(request.user.columns(model), behaviors(request, 0, 30).columns(model)).ok());
  std::vector<float> scores(20);
  REQUIRE(scorer->score(*user, request.candidates.columns(model), scores).ok());
  for (std::size_t t = 30; t < 3000; ++t) {
    REQUIRE(user->append(behaviors(request, t, 1).columns(model)).ok());
    REQUIRE(scorer->rescore(*user, scores).ok());
  }
  check_equal(rescore(model, *scorer, *user, 20), from_scratch(model, *user, request, ""));
}

TEST_CASE("rescore: a set() that extends, shortens, slides or replaces the history gives the scores from scratch",
          "[scoring]") {
  const ModelFile file(Shape{.pads = format::Pads::attend, .pad_to = 12});
  const Model model = file.open();
  const Request request = random_request(model, 11, 60, 5);
  auto user = UserState::create(model, {.max_history = 30});
  auto scorer = Scorer::create(model, {.max_candidates = 20, .max_history = 30});
  REQUIRE(user->set(request.user.columns(model), behaviors(request, 0, 20).columns(model)).ok());
  std::vector<float> scores(11);
  REQUIRE(scorer->score(*user, request.candidates.columns(model), scores).ok());
  const std::pair<std::size_t, std::size_t> windows[] = {{0, 21},  {0, 25}, {5, 25}, {5, 30}, {20, 12}, {28, 4},
                                                         {28, 20}, {0, 10}, {0, 0},  {0, 1},  {40, 20}, {20, 40}};
  for (const auto& [first, count] : windows) {
    CAPTURE(first, count);
    REQUIRE(user->set(request.user.columns(model), behaviors(request, first, count).columns(model)).ok());
    check_equal(rescore(model, *scorer, *user, 11), from_scratch(model, *user, request, ""));
  }
}

TEST_CASE("rescore: the same candidates for another user", "[scoring]") {
  const ModelFile file(Shape{.history_sums = true});
  const Model model = file.open();
  const Request first = random_request(model, 9, 15, 6), second = random_request(model, 9, 25, 7);
  auto a = UserState::create(model), b = UserState::create(model);
  auto scorer = Scorer::create(model);
  REQUIRE(a->set(first.user.columns(model), first.history.columns(model)).ok());
  REQUIRE(b->set(second.user.columns(model), second.history.columns(model)).ok());
  std::vector<float> scores(9);
  REQUIRE(scorer->score(*a, first.candidates.columns(model), scores).ok());
  check_equal(rescore(model, *scorer, *b, 9), from_scratch(model, *b, first, ""));
  check_equal(rescore(model, *scorer, *a, 9), from_scratch(model, *a, first, ""));
}

TEST_CASE("rescore: without candidates, or room for them, is an error", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 4, 10, 8);
  auto user = UserState::create(model);
  auto scorer = Scorer::create(model);
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  std::vector<float> scores(4);
  CHECK(scorer->rescore(*user, scores).code() == Code::invalid_argument);
  REQUIRE(scorer->score(*user, request.candidates.columns(model), scores).ok());
  CHECK(scorer->rescore(*user, std::span(scores).first(3)).code() == Code::invalid_argument);
  Request unknown = request;
  unknown.candidates.ids["item"][1] = -5;
  CHECK(scorer->score(*user, unknown.candidates.columns(model), scores).code() == Code::missing_id);
  CHECK(scorer->rescore(*user, scores).code() == Code::invalid_argument);
}

}  // namespace dinghy::tests
