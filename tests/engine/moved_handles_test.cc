#include <catch2/catch_test_macros.hpp>
#include <utility>

#include "dinghy/scorer.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

void check_moved_from(const Status& status) {
  CHECK(status.code() == Code::invalid_argument);
  CHECK(std::string_view(status.message()).find("moved from") != std::string_view::npos);
}

}  // namespace

TEST_CASE("moved from: a model is the same model still", "[scoring]") {
  const ModelFile file(Shape{});
  Model model = file.open();
  const Model other = std::move(model);
  CHECK(model.features().data() == other.features().data());
  CHECK(Scorer::create(model).ok());
}

TEST_CASE("moved from: a user state refuses calls, and a scorer refuses it", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 5, 5, 1);
  const auto history = request.history.columns(model);
  UserState user = std::move(*UserState::create(model));
  Scorer scorer = std::move(*Scorer::create(model));
  std::vector<float> scores(5);
  REQUIRE(user.set(request.user.columns(model), history).ok());
  REQUIRE(scorer.score(user, request.candidates.columns(model), scores).ok());

  const UserState other = std::move(user);
  check_moved_from(user.set(request.user.columns(model), history));
  check_moved_from(user.append(history));
  CHECK(user.history_length() == 0);
  check_moved_from(scorer.score(user, request.candidates.columns(model), scores));
  check_moved_from(scorer.rescore(user, scores));
  CHECK(scorer.score(other, request.candidates.columns(model), scores).ok());
}

TEST_CASE("moved from: a scorer refuses calls", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 5, 5, 1);
  UserState user = std::move(*UserState::create(model));
  Scorer scorer = std::move(*Scorer::create(model));
  std::vector<float> scores(5);
  REQUIRE(user.set(request.user.columns(model), request.history.columns(model)).ok());

  Scorer other = std::move(scorer);
  check_moved_from(scorer.score(user, request.candidates.columns(model), scores));
  check_moved_from(scorer.rescore(user, scores));
  CHECK(scorer.isa().empty());
  CHECK_FALSE(scorer.uses_integers());
  CHECK(other.score(user, request.candidates.columns(model), scores).ok());
}

}  // namespace dinghy::tests
