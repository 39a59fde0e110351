// Numbers that behaviours have: columns of the history without rows in a table, so that only their values tell two
// behaviours apart.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>

#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "tests/engine/c_handles.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

template <class Check>
void on_every_isa(Check check) {
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    check(std::string(isa.name));
  }
}

void check_near(const std::vector<float>& got, const std::vector<float>& expected, float tolerance) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t n = 0; n < got.size(); ++n) {
    CAPTURE(n);
    CHECK(std::fabs(got[n] - expected[n]) <= tolerance * std::max(1.f, std::fabs(expected[n])));
  }
}

/// Every ISA against `reference`, over histories and pages long enough for all that is shared.
void check_isas(const Shape& shape) {
  const ModelFile file(shape);
  const Model model = file.open();
  for (const std::size_t history : {0u, 1u, 17u, 40u}) {
    for (const std::size_t candidates : {1u, 5u, 50u}) {
      CAPTURE(history, candidates);
      const Request request = random_request(model, candidates, history, history * 100 + candidates, true);
      const Scores expected = score(model, request, "reference");
      on_every_isa([&](const std::string& isa) {
        const Scores got = score(model, request, isa);
        check_near(got.scores, expected.scores, 1e-5f);
        check_near(got.attention, expected.attention, 1e-5f);
      });
    }
  }
}

Model with_ids_alike(const ModelFile& file, Request& request, std::size_t candidates, std::size_t history) {
  const Model model = file.open();
  request = random_request(model, candidates, history, 5);
  for (Values* side : {&request.history, &request.candidates}) {
    for (auto& [name, ids] : side->ids) std::fill(ids.begin(), ids.end(), 1);
  }
  return model;
}

}  // namespace

TEST_CASE("numbers: every ISA agrees with reference on numbers in the history", "[scoring]") {
  using namespace format;
  check_isas({.mixed_fields = true, .seed = 41});
  check_isas({.content = true, .seed = 42});
  check_isas({.pads = Pads::attend, .pad_to = 30, .empty = EmptyHistory::pad_row, .content = true, .seed = 43});
  check_isas({.mask = Mask::every_id, .query_layer = true, .mixed_fields = true, .content = true, .seed = 44});
  check_isas({.score = Score::dot, .two_interests = true, .mixed_fields = true, .content = true, .seed = 45});
  check_isas({.attention_activation = ActivationKind::prelu_position,
              .pads = Pads::attend,
              .pad_to = 40,
              .max_length = 40,
              .positions = 40,
              .content = true,
              .seed = 46});
}

TEST_CASE("numbers: behaviours and candidates of equal ids differ in their numbers", "[scoring]") {
  const ModelFile file(Shape{.content = true, .seed = 47});
  Request request;
  const Model model = with_ids_alike(file, request, 20, 30);
  const Scores expected = score(model, request, "reference");
  CHECK(*std::ranges::max_element(expected.scores) > *std::ranges::min_element(expected.scores) + 1e-3f);
  on_every_isa([&](const std::string& isa) {
    const Scores got = score(model, request, isa);
    check_near(got.scores, expected.scores, 1e-5f);
    check_near(got.attention, expected.attention, 1e-5f);
  });
}

TEST_CASE("numbers: integers keep to their error with numbers in the history", "[scoring]") {
  for (const auto& [compute, tolerance] : {std::pair(format::Compute::int16, 2e-5f), {format::Compute::int8, 5e-3f}}) {
    const ModelFile file(Shape{.mixed_fields = true, .content = true, .compute = compute, .seed = 48});
    const Model model = file.open();
    const Request request = random_request(model, 30, 40, 6, true);
    const Scores expected = score(model, request, "reference");
    on_every_isa([&](const std::string& isa) {
      check_near(score(model, request, isa, Integers::always).scores, expected.scores, tolerance);
    });
  }
}

TEST_CASE("numbers: a set() that changes one number alone gives the scores of a new state", "[scoring]") {
  const ModelFile file(Shape{.history_sums = true, .content = true, .seed = 49});
  Request request;
  const Model model = with_ids_alike(file, request, 20, 30);
  on_every_isa([&](const std::string& isa) {
    auto user = UserState::create(model, {.max_history = 30, .isa = isa});
    auto scorer = Scorer::create(model, {.max_candidates = 20, .max_history = 30, .isa = isa});
    REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
    std::vector<float> before(20), after(20);
    REQUIRE(scorer->score(*user, request.candidates.columns(model), before).ok());
    Request other = request;
    other.history.numbers["seen_content"][7] += 3;
    REQUIRE(user->set(other.user.columns(model), other.history.columns(model)).ok());
    REQUIRE(scorer->rescore(*user, after).ok());
    CHECK(after != before);
    check_near(after, score(model, other, isa).scores, 1e-6f);
  });
}

TEST_CASE("numbers: what the mask takes out has no weight, however large its numbers", "[scoring]") {
  using format::Compute;
  for (const Compute compute : {Compute::f32, Compute::int16, Compute::int8}) {
    const ModelFile file(
        Shape{.mask = format::Mask::every_id, .mixed_fields = true, .content = true, .compute = compute, .seed = 50});
    const Model model = file.open();
    Request request = random_request(model, 20, 30, 7);
    for (std::int64_t& id : request.history.ids["item"]) id += id == 0;
    for (std::size_t t = 3; t < 30; t += 5) request.history.ids["item"][t] = 0;  // the id of padding
    Request large = request;
    for (auto& [name, numbers] : large.history.numbers) {
      const std::size_t width = numbers.size() / 30;
      for (std::size_t t = 3; t < 30; t += 5)
        std::fill_n(numbers.begin() + static_cast<std::ptrdiff_t>(t * width), width, 3e38f);
    }
    on_every_isa([&](const std::string& isa) {
      const Scores expected = score(model, request, isa, Integers::always);
      const Scores got = score(model, large, isa, Integers::always);
      CHECK(got.scores == expected.scores);
      CHECK(got.attention == expected.attention);
      auto user = UserState::create(model, {.max_history = 30, .isa = isa});
      REQUIRE(user->set(large.user.columns(model), behaviors(large, 0, 2).columns(model)).ok());
      for (std::size_t t = 2; t < 30; ++t) REQUIRE(user->append(behaviors(large, t, 1).columns(model)).ok());
      auto scorer =
          Scorer::create(model, {.max_candidates = 20, .max_history = 30, .isa = isa, .integers = Integers::always});
      std::vector<float> appended(20);
      REQUIRE(scorer->score(*user, large.candidates.columns(model), appended).ok());
      CHECK(appended == expected.scores);
    });
  }
}

TEST_CASE("numbers: padding has the vector that the model gives it", "[scoring]") {
  converter::Network network =
      random_network({.pads = format::Pads::attend, .pad_to = 20, .content = true, .seed = 51});
  for (converter::Feature& feature : network.features) {
    if (feature.projection && feature.sequence >= 0) feature.pad_vector = feature.projection->bias;
  }
  const ModelFile file(network);
  const Model model = file.open();
  const Request request = random_request(model, 7, 12, 8);
  Request padded = request;  // by the caller, with the row of padding and zeros in front of the layers
  padded.length = 20;
  for (auto& [name, ids] : padded.history.ids) ids.resize(20, 0);
  for (auto& [name, numbers] : padded.history.numbers) numbers.resize(20 * numbers.size() / 12, 0);
  on_every_isa([&](const std::string& isa) {
    check_near(score(model, request, isa).scores, score(model, padded, isa).scores, 1e-6f);
  });
}

TEST_CASE("numbers: a NaN or an infinity in the history is refused by name, and append changes nothing", "[scoring]") {
  const ModelFile file(Shape{.content = true, .seed = 52});
  const Model model = file.open();
  const Request request = random_request(model, 3, 5, 9);
  auto user = UserState::create(model);
  auto scorer = Scorer::create(model);
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  std::vector<float> before(3), after(3);
  REQUIRE(scorer->score(*user, request.candidates.columns(model), before).ok());
  for (const float wrong : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Values click = behaviors(request, 0, 1);
    click.numbers["seen_content"][2] = wrong;
    const Status status = user->append(click.columns(model));
    CHECK(status.code() == Code::invalid_argument);
    CHECK(std::string(status.message()).find("seen_content: number 2 is a NaN or an infinity") != std::string::npos);
  }
  Values narrow = behaviors(request, 0, 1);
  narrow.numbers["content"].pop_back();
  CHECK(user->append(narrow.columns(model)).code() == Code::invalid_argument);
  CHECK(user->history_length() == 5);
  REQUIRE(scorer->rescore(*user, after).ok());
  CHECK(after == before);
}

TEST_CASE("numbers: through the C API, set and appended, they give the scores of the C++ API", "[c_api]") {
  const ModelFile file(Shape{.mixed_fields = true, .content = true, .seed = 53});
  const Model model = file.open();
  const Handles handles(file);
  const Request request = random_request(model, 5, 10, 10);
  Request before = request;
  before.history = behaviors(request, 0, 8);
  REQUIRE(set(handles, before) == DINGHY_OK);
  const Values clicks = behaviors(request, 8, 2);
  const auto columns = c_columns(handles, clicks);
  REQUIRE(dinghy_user_state_append(handles.user, columns.data(), columns.size(), nullptr) == DINGHY_OK);
  const auto page = c_columns(handles, request.candidates);
  std::vector<float> scores(5);
  REQUIRE(dinghy_scorer_score(handles.scorer, handles.user, page.data(), page.size(), scores.data(), 5, nullptr, 0,
                              nullptr) == DINGHY_OK);
  CHECK(scores == score(model, request, "").scores);
}

}  // namespace dinghy::tests
