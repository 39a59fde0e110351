// Calls that get an error instead of scores.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <limits>

#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {

TEST_CASE("score: a history that the model defines no score for is an error", "[scoring]") {
  const ModelFile file(Shape{.empty = format::EmptyHistory::reject});
  const Model model = file.open();
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    const Request request = random_request(model, 2, 0, 5);
    auto user = UserState::create(model, {.isa = isa.name});
    auto scorer = Scorer::create(model, {.isa = isa.name});
    REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
    float scores[2];
    CHECK(scorer->score(*user, request.candidates.columns(model), scores).code() == Code::empty_history);
  }
}

TEST_CASE("score: a dense feature takes numbers, whole rows of them", "[scoring]") {
  const ModelFile file(Shape{.dense_and_bag = true});
  const Model model = file.open();
  const Request request = random_request(model, 4, 6, 5);
  auto user = UserState::create(model);
  auto scorer = Scorer::create(model);
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  const std::uint32_t price = *model.feature("price");
  const auto message = [&](const Column& column) {
    std::vector<Column> columns = request.candidates.columns(model);
    std::ranges::replace_if(columns, [&](const Column& each) { return each.feature() == price; }, column);
    float scores[4];
    const Status status = scorer->score(*user, columns, scores);
    CHECK(status.code() == Code::invalid_argument);
    return std::string(status.message());
  };
  const std::vector<std::int64_t> ids(8);
  const std::vector<float> numbers(9);
  CHECK(message(Column::ids(price, ids)) == "price: takes numbers");
  CHECK(message(Column::numbers(price, numbers)) == "price: takes 2 numbers a row");
}

TEST_CASE("score: wrong calls get an error that says what is wrong", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 4, 10, 6);
  auto user = UserState::create(model);
  auto scorer = Scorer::create(model, {.max_candidates = 4, .max_history = 10});
  std::vector<float> scores(4);
  const auto columns = request.candidates.columns(model);

  SECTION("a user state before its first set()") {
    CHECK(scorer->score(*user, columns, scores).code() == Code::invalid_argument);
  }
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  SECTION("a missing column") {
    const auto status = scorer->score(*user, Columns(columns).first(2), scores);
    CHECK(status.code() == Code::invalid_argument);
    CHECK(std::string(status.message()).find("missing") != std::string::npos);
  }
  SECTION("a column twice") {
    std::vector<Column> twice = columns;
    twice.push_back(columns[0]);
    CHECK(scorer->score(*user, twice, scores).code() == Code::invalid_argument);
  }
  SECTION("a feature of the user among the candidates") {
    std::vector<Column> wrong = columns;
    wrong.push_back(request.user.columns(model)[0]);
    CHECK(scorer->score(*user, wrong, scores).code() == Code::invalid_argument);
  }
  SECTION("a feature number that does not exist") {
    std::vector<Column> wrong = columns;
    wrong.push_back(Column::ids(1000, {}));
    CHECK(scorer->score(*user, wrong, scores).code() == Code::invalid_argument);
  }
  SECTION("columns of different lengths") {
    Request uneven = request;
    uneven.candidates.ids["item"].pop_back();
    CHECK(scorer->score(*user, uneven.candidates.columns(model), scores).code() == Code::invalid_argument);
  }
  SECTION("room for fewer scores than candidates") {
    CHECK(scorer->score(*user, columns, std::span(scores).first(3)).code() == Code::invalid_argument);
  }
  SECTION("room for fewer weights than there are") {
    std::vector<float> attention(39);
    CHECK(scorer->score(*user, columns, scores, attention).code() == Code::invalid_argument);
  }
  SECTION("more candidates than max_candidates") {
    const Request more = random_request(model, 5, 10, 7);
    std::vector<float> room(5);
    CHECK(scorer->score(*user, more.candidates.columns(model), room).code() == Code::limit_exceeded);
  }
  SECTION("a user with more behaviours than the scorer's max_history") {
    const Request longer = random_request(model, 4, 11, 8);
    REQUIRE(user->set(longer.user.columns(model), longer.history.columns(model)).ok());
    CHECK(scorer->score(*user, columns, scores).code() == Code::invalid_argument);
  }
  SECTION("an id without a row") {
    for (const std::int64_t id : {std::int64_t{-1}, kItems, std::int64_t{1} << 31,
                                  std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
      Request unknown = request;
      unknown.candidates.ids["item"][2] = id;
      const auto status = scorer->score(*user, unknown.candidates.columns(model), scores);
      CHECK(status.code() == Code::missing_id);
      CHECK(std::string(status.message()).find("item") != std::string::npos);
      CHECK(std::string(status.message()).find(std::to_string(id)) != std::string::npos);
    }
    CHECK(model.missing_ids(*model.feature("item")) == 5);
  }
  SECTION("a user state of another model") {
    const ModelFile other_file(Shape{.seed = 99});
    const Model other = other_file.open();
    auto other_scorer = Scorer::create(other);
    CHECK(other_scorer->score(*user, columns, scores).code() == Code::invalid_argument);
  }
}

TEST_CASE("score: a dense number that is a NaN or an infinity is refused", "[scoring]") {
  const ModelFile file(Shape{.dense_and_bag = true});
  const Model model = file.open();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Request request = random_request(model, 3, 5, 9);
    request.candidates.numbers["price"][4] = bad;
    auto user = UserState::create(model);
    auto scorer = Scorer::create(model);
    REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
    std::vector<float> scores(3);
    CHECK(scorer->score(*user, request.candidates.columns(model), scores).code() == Code::invalid_argument);
  }
}

}  // namespace dinghy::tests
