#include "dinghy/user_state.h"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <ctime>
#include <functional>

#include "dinghy/isa.h"
#include "tests/engine/random_network.h"
#include "tests/engine/random_numbers.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

std::vector<float> scores_of(const Model& model, const UserState& user, const Request& request) {
  auto scorer = Scorer::create(model, {.max_candidates = request.rows, .max_history = 1000});
  REQUIRE(scorer.ok());
  std::vector<float> scores(request.rows);
  const Status status = scorer->score(user, request.candidates.columns(model), scores);
  INFO(status.message());
  REQUIRE(status.ok());
  return scores;
}

void check_equal(const std::vector<float>& got, const std::vector<float>& expected, float tolerance) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t n = 0; n < got.size(); ++n) CHECK(std::fabs(got[n] - expected[n]) <= tolerance);
}

/// A history of one item over and over, with `last` at its end.
Request monotonous(Request request, std::int64_t last) {
  for (auto& [name, ids] : request.history.ids) {
    for (std::int64_t& id : ids) id = 1;
    ids.back() = last;
  }
  return request;
}

/// Of the processor.
double seconds_of(const std::function<Status()>& call) {
  const std::clock_t began = std::clock();
  REQUIRE(call().ok());
  return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
}

}  // namespace

TEST_CASE("append: one behaviour after another equals setting the whole history, on every ISA", "[scoring]") {
  const ModelFile file(Shape{.pad_to = 40, .two_interests = true, .history_sums = true});
  const Model model = file.open();
  const Request request = random_request(model, 7, 30, 1);
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    auto user = UserState::create(model, {.max_history = 30, .isa = isa.name});
    REQUIRE(user->set(request.user.columns(model), behaviors(request, 0, 3).columns(model)).ok());
    for (std::size_t t = 3; t < 30; ++t) REQUIRE(user->append(behaviors(request, t, 1).columns(model)).ok());
    CHECK(user->history_length() == 30);
    auto whole = UserState::create(model, {.max_history = 30, .isa = isa.name});
    REQUIRE(whole->set(request.user.columns(model), request.history.columns(model)).ok());
    check_equal(scores_of(model, *user, request), scores_of(model, *whole, request), 0);
  }
}

TEST_CASE("append: beyond max_history the oldest behaviours leave", "[scoring]") {
  const ModelFile file(Shape{.history_sums = true});
  const Model model = file.open();
  const Request request = random_request(model, 5, 500, 2);
  auto user = UserState::create(model, {.max_history = 20});
  REQUIRE(user->set(request.user.columns(model), behaviors(request, 0, 10).columns(model)).ok());
  for (std::size_t t = 10; t < 500; ++t) REQUIRE(user->append(behaviors(request, t, 1).columns(model)).ok());
  CHECK(user->history_length() == 20);
  auto window = UserState::create(model, {.max_history = 20});
  REQUIRE(window->set(request.user.columns(model), behaviors(request, 480, 20).columns(model)).ok());
  check_equal(scores_of(model, *user, request), scores_of(model, *window, request), 0);
}

TEST_CASE("set: whatever of a history stays, the scores are those of a new state", "[scoring]") {
  const ModelFile file(Shape{.history_sums = true});
  const Model model = file.open();
  Random random(7);
  auto user = UserState::create(model, {.max_history = 12});
  for (int round = 0; round < 300; ++round) {
    // Two items alone, so that beginnings and ends repeat themselves in every way.
    Request request = random_request(model, 3, 1 + random.below(12), random.bits());
    for (auto& [name, ids] : request.history.ids) {
      for (std::int64_t& id : ids) id = static_cast<std::int64_t>(random.below(8) == 0);
    }
    REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
    auto fresh = UserState::create(model, {.max_history = 12});
    REQUIRE(fresh->set(request.user.columns(model), request.history.columns(model)).ok());
    check_equal(scores_of(model, *user, request), scores_of(model, *fresh, request), 0);
  }
}

TEST_CASE("set and append: long histories take linear time whatever repeats", "[scoring]") {
  constexpr std::size_t kLength = 50'000;
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request mixed = random_request(model, 1, kLength, 3);
  const Request one = monotonous(mixed, 2), other = monotonous(mixed, 1);
  auto user = UserState::create(model, {.max_history = kLength});
  const auto set = [&](const Request& request) {
    return seconds_of([&] { return user->set(request.user.columns(model), request.history.columns(model)); });
  };
  const double most = 20 * set(mixed) + 0.05;
  CHECK(set(one) <= most);
  CHECK(set(other) <= most);  // which fits the last one nowhere, but for all but the last behaviour everywhere
  CHECK(seconds_of([&] { return user->append(mixed.history.columns(model)); }) <= most);
}

TEST_CASE("append: several behaviours at once, more than fit, keep the last ones", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 5, 60, 3);
  auto user = UserState::create(model, {.max_history = 8});
  REQUIRE(user->set(request.user.columns(model), behaviors(request, 0, 5).columns(model)).ok());
  REQUIRE(user->append(behaviors(request, 5, 55).columns(model)).ok());
  auto window = UserState::create(model, {.max_history = 8});
  REQUIRE(window->set(request.user.columns(model), behaviors(request, 52, 8).columns(model)).ok());
  check_equal(scores_of(model, *user, request), scores_of(model, *window, request), 0);
}

TEST_CASE("set: a history that is too long keeps the last behaviours, or the first where training did", "[scoring]") {
  for (const format::Keep keep : {format::Keep::last, format::Keep::first}) {
    const ModelFile file(Shape{.keep = keep});
    const Model model = file.open();
    const Request request = random_request(model, 5, 50, 4);
    auto user = UserState::create(model, {.max_history = 12});
    REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
    auto kept = UserState::create(model, {.max_history = 12});
    const std::size_t first = keep == format::Keep::last ? 38 : 0;
    REQUIRE(kept->set(request.user.columns(model), behaviors(request, first, 12).columns(model)).ok());
    check_equal(scores_of(model, *user, request), scores_of(model, *kept, request), 0);
  }
}

TEST_CASE("append: a model that keeps the first behaviours ignores those beyond its maximum", "[scoring]") {
  const ModelFile file(Shape{.keep = format::Keep::first});
  const Model model = file.open();
  const Request request = random_request(model, 5, 20, 5);
  auto user = UserState::create(model, {.max_history = 12});
  REQUIRE(user->set(request.user.columns(model), behaviors(request, 0, 12).columns(model)).ok());
  const auto before = scores_of(model, *user, request);
  REQUIRE(user->append(behaviors(request, 12, 8).columns(model)).ok());
  check_equal(scores_of(model, *user, request), before, 0);
}

TEST_CASE("set: the model's own maximum holds also when the caller allows more", "[scoring]") {
  const ModelFile file(Shape{.max_length = 9});
  const Model model = file.open();
  CHECK(model.trained_history() == 9);
  const Request request = random_request(model, 3, 30, 6);
  auto user = UserState::create(model, {.max_history = 100});
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  CHECK(user->history_length() == 9);
}

TEST_CASE("append: an error leaves the user as it was", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 5, 20, 7);
  auto user = UserState::create(model, {.max_history = 20});
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  const auto before = scores_of(model, *user, request);
  Values bad = behaviors(request, 0, 3);
  bad.ids["item"][2] = kItems;
  CHECK(user->append(bad.columns(model)).code() == Code::missing_id);
  Values uneven = behaviors(request, 0, 3);
  uneven.ids["item"].pop_back();
  CHECK(user->append(uneven.columns(model)).code() == Code::invalid_argument);
  CHECK(user->history_length() == 20);
  check_equal(scores_of(model, *user, request), before, 0);
}

TEST_CASE("set: after an error no scorer accepts the state until the next set()", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 5, 20, 8);
  auto user = UserState::create(model);
  auto scorer = Scorer::create(model);
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  Request bad = request;
  bad.user.ids["user"] = {kUsers};
  CHECK(user->set(bad.user.columns(model), bad.history.columns(model)).code() == Code::missing_id);
  std::vector<float> scores(5);
  CHECK(scorer->score(*user, request.candidates.columns(model), scores).code() == Code::invalid_argument);
  CHECK(user->append(behaviors(request, 0, 1).columns(model)).code() == Code::invalid_argument);
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  CHECK(scorer->score(*user, request.candidates.columns(model), scores).ok());
}

TEST_CASE("set: a user is one row", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  Request request = random_request(model, 1, 3, 9);
  auto user = UserState::create(model);
  request.user.ids["user"] = {1, 2};
  CHECK(user->set(request.user.columns(model), request.history.columns(model)).code() == Code::invalid_argument);
  request.user.ids["user"] = {};
  CHECK(user->set(request.user.columns(model), request.history.columns(model)).code() == Code::invalid_argument);
}

TEST_CASE("set: bags with offsets that fall or reach behind the ids are refused", "[scoring]") {
  const ModelFile file(Shape{.dense_and_bag = true});
  const Model model = file.open();
  auto user = UserState::create(model);
  Request request = random_request(model, 1, 3, 10);
  request.user.ids["tags"] = {1, 2, 3};
  for (const auto& offsets : {std::vector<std::uint32_t>{2, 1}, {0, 4}, {4, 4}, {0xffffffffu, 0}}) {
    request.user.offsets["tags"] = offsets;
    CHECK(user->set(request.user.columns(model), request.history.columns(model)).code() == Code::invalid_argument);
  }
  request.user.offsets["tags"] = {1, 3};
  CHECK(user->set(request.user.columns(model), request.history.columns(model)).ok());
}

TEST_CASE("create: an unknown ISA is an error, never another one", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  CHECK(UserState::create(model, {.isa = "avx3"}).status().code() == Code::unknown_isa);
  CHECK(Scorer::create(model, {.isa = "AVX2_FMA"}).status().code() == Code::unknown_isa);
  for (const Isa& isa : isas()) {
    const auto scorer = Scorer::create(model, {.isa = isa.name});
    if (isa.available) {
      REQUIRE(scorer.ok());
      CHECK(scorer->isa() == isa.name);
    } else {
      CHECK(scorer.status().code() == Code::unavailable_isa);
    }
  }
}

TEST_CASE("create: DINGHY_ISA chooses for callers that do not, and is checked like any name", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  ::setenv("DINGHY_ISA", "reference", 1);
  CHECK(Scorer::create(model)->isa() == "reference");
  const char* const best = isas().front().available ? isas().front().name : "reference";
  CHECK(Scorer::create(model, {.isa = best})->isa() == best);
  ::setenv("DINGHY_ISA", "no such", 1);
  CHECK(Scorer::create(model).status().code() == Code::unknown_isa);
  ::unsetenv("DINGHY_ISA");
}

TEST_CASE("create: sizes beyond memory are refused", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  CHECK_FALSE(UserState::create(model, {.max_history = SIZE_MAX}).ok());
  CHECK_FALSE(Scorer::create(model, {.max_candidates = SIZE_MAX}).ok());
  CHECK_FALSE(Scorer::create(model, {.max_history = SIZE_MAX / 2}).ok());
}

TEST_CASE("a model lives as long as a state or a scorer uses it", "[scoring]") {
  const ModelFile file(Shape{});
  std::optional<Model> model = file.open();
  const Request request = random_request(*model, 2, 5, 11);
  auto user = UserState::create(*model);
  auto scorer = Scorer::create(*model);
  const auto user_columns = request.user.columns(*model), history = request.history.columns(*model),
             candidates = request.candidates.columns(*model);
  model.reset();
  std::vector<float> scores(2);
  REQUIRE(user->set(user_columns, history).ok());
  CHECK(scorer->score(*user, candidates, scores).ok());
}

}  // namespace dinghy::tests
