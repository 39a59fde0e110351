// Scores with a memo are those without, bit for bit, whatever it holds and whoever filled it.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <thread>
#include <vector>

#include "dinghy/isa.h"
#include "dinghy/pair_memo.h"
#include "tests/engine/page_session.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr std::size_t kCandidates = 41, kHistory = 50;

template <class T>
T value(Result<T> result) {
  INFO(result.status().message());
  REQUIRE(result.ok());
  return std::move(*result);
}

PairMemo memo_of(const Model& model, const std::string& isa, std::size_t bytes = 1 << 20U) {
  return value(PairMemo::create(model, {.bytes = bytes, .isa = isa, .integers = Integers::always}));
}

void check_same(const Page& page, const Page& expected) {
  INFO(page.status.message());
  REQUIRE(page.status.ok());
  REQUIRE(expected.status.ok());
  for (std::size_t n = 0; n < page.scores.size(); ++n) {
    CAPTURE(n, page.scores[n], expected.scores[n]);
    REQUIRE(same_bits(page, n, expected, n));
  }
}

/// One session with a memo and one without, which have to agree.
struct Sessions {
  PageSession with, without;

  Sessions(const Model& model, const std::string& isa, const PairMemo& memo)
      : with(model, isa, kCandidates, kHistory, &memo), without(model, isa, kCandidates, kHistory) {
    INFO(with.scorer.status().message());
    REQUIRE(with.scorer.ok());
    REQUIRE(without.scorer.ok());
  }
  void set(const Request& request, std::size_t behaviors_kept) {
    for (PageSession* s : {&with, &without}) {
      const Values history = behaviors(request, 0, behaviors_kept);
      REQUIRE(s->user->set(request.user.columns(s->model), history.columns(s->model)).ok());
    }
  }
  void check_score(const Request& request) {
    const auto columns = request.candidates.columns(with.model);
    check_same(with.score(columns, request.rows), without.score(columns, request.rows));
  }
  void check_click(const Request& request, std::size_t t) {
    for (PageSession* s : {&with, &without}) {
      REQUIRE(s->user->append(behaviors(request, t, 1).columns(s->model)).ok());
    }
    check_same(with.rescore(request.rows), without.rescore(request.rows));
  }
};

/// Cold, warm, half known, after clicks, by a second session of the same memo; of pages of several sizes.
void check_requests(const Model& model, const std::string& isa, const PairMemo& memo) {
  Sessions sessions(model, isa, memo), later(model, isa, memo);
  for (const bool coarse : {true, false}) {
    for (const std::size_t candidates : {kCandidates, std::size_t{3}, std::size_t{1}}) {
      CAPTURE(coarse, candidates);
      const Request request = random_request(model, candidates, kHistory, candidates, coarse);
      sessions.set(request, 20);
      sessions.check_score(request);  // cold
      sessions.check_score(request);  // warm
      later.set(request, kHistory - 12);
      later.check_score(request);  // some known
      for (std::size_t t = kHistory - 12; t < kHistory; ++t) later.check_click(request, t);
      sessions.set(request, kHistory);
      sessions.check_score(request);
    }
  }
}

/// On every ISA and in every arithmetic.
void check_shape(Shape shape, std::size_t bytes = 1 << 20U) {
  for (const format::Compute compute : format::EnumValuesCompute()) {
    shape.compute = compute;
    const ModelFile file(shape);
    const Model model = file.open();
    for (const Isa& isa : isas()) {
      if (!isa.available) continue;
      CAPTURE(isa.name, static_cast<int>(compute));
      const PairMemo memo = memo_of(model, isa.name, bytes);
      check_requests(model, isa.name, memo);
      const PairMemo::Counters counters = memo.counters();
      const bool used = std::string(isa.name) != "reference";
      CHECK((counters.found > 0) == used);
      CHECK((counters.kept > 0) == used);
    }
  }
}

/// So that there are no more items than the largest table has rows.
void give_each_item_one_kind(Request& request) {
  for (Values* side : {&request.candidates, &request.history}) {
    std::transform(side->ids["item"].begin(), side->ids["item"].end(), side->ids["field1"].begin(),
                   [](std::int64_t item) { return item % kKinds; });
  }
}

/// A model with so many items that a memo of 200 KB is hashed, and soon full.
converter::Network many_items() {
  converter::Network network = random_network({.seed = 95});
  for (converter::Table& table : network.tables) {
    if (table.name == "item") table.source = random_tensor("item", 5000, 8);
  }
  return network;
}

}  // namespace

TEST_CASE("memo: scores are those without one, bit for bit", "[memo]") {
  check_shape({.seed = 91});
  check_shape({.two_interests = true, .seed = 92});
}

TEST_CASE("memo: scores are those without one, bit for bit, by shape", "[memo][numbers]") {
  check_shape({.field_widths = {12}, .seed = 93});
  check_shape({.field_widths = {3, 4, 8, 2, 5}, .two_interests = true, .seed = 94});
  check_shape({.normalizer = format::Normalizer::raw, .pads = format::Pads::attend, .pad_to = 60, .seed = 96});
  check_shape({.pads = format::Pads::zero_logit, .pad_to = 60, .query_layer = true, .post_layer = true, .seed = 97});
  check_shape({.narrow_query = true, .two_interests = true, .own_history = true, .seed = 98});
  check_shape({.attention = {}, .own_keys = true, .encoded = true, .seed = 99});
  check_shape({.two_interests = true, .mixed_interests = true, .seed = 100});
}

TEST_CASE("memo: one that is small and full gives the same scores", "[memo]") {
  const ModelFile file(many_items());
  const Model model = file.open();
  for (const Isa& isa : isas()) {
    if (!isa.available || std::string(isa.name) == "reference") continue;
    CAPTURE(isa.name);
    const PairMemo memo = memo_of(model, isa.name, 200'000);
    Sessions sessions(model, isa.name, memo);
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      CAPTURE(seed);
      Request request = random_request(model, kCandidates, kHistory, seed);
      for (auto* side : {&request.candidates.ids["item"], &request.history.ids["item"]}) {
        for (std::int64_t& id : *side) id = (id * 97 + static_cast<std::int64_t>(seed) * 31) % 1000;
      }
      sessions.set(request, kHistory);
      sessions.check_score(request);
      sessions.check_score(request);
    }
    const PairMemo::Counters counters = memo.counters();
    CHECK(counters.replaced > 0);
    CHECK(counters.kept - counters.replaced <= counters.room);
    CHECK(counters.items > 0);
    CHECK(memo.bytes() <= 200'000 + 1024);
  }
}

TEST_CASE("memo: scorers of several threads share one", "[memo][threads]") {
  const ModelFile file(Shape{.seed = 101});
  const Model model = file.open();
  const PairMemo memo = memo_of(model, "");
  const Request request = random_request(model, kCandidates, kHistory, 1);
  PageSession plain(model, "", kCandidates, kHistory);
  REQUIRE(plain.user->set(request.user.columns(model), request.history.columns(model)).ok());
  const Page expected = plain.score(request.candidates.columns(model), kCandidates);
  std::vector<std::vector<float>> scores(4, std::vector<float>(kCandidates));
  std::vector<std::thread> threads;
  for (std::vector<float>& own : scores) {
    threads.emplace_back([&model, &memo, &request, &own] {
      PageSession session(model, "", kCandidates, kHistory, &memo);
      (void)session.user->set(request.user.columns(model), request.history.columns(model));
      for (int i = 0; i < 50; ++i) {
        const Page page = session.score(request.candidates.columns(model), kCandidates);
        if (i == 0 || page.scores != own) own = page.scores;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<float>& own : scores) CHECK(own == expected.scores);
}

TEST_CASE("memo: what is known is not computed again", "[memo]") {
  const ModelFile file(Shape{.seed = 102});
  const Model model = file.open();
  const std::string isa = isas()[0].available ? isas()[0].name : "";
  const PairMemo memo = memo_of(model, isa);
  Sessions sessions(model, isa, memo);
  Request request = random_request(model, kCandidates, kHistory, 1);
  give_each_item_one_kind(request);
  sessions.set(request, kHistory);
  sessions.check_score(request);
  const PairMemo::Counters cold = memo.counters();
  sessions.check_score(request);
  const PairMemo::Counters warm = memo.counters();
  CHECK(cold.found == 0);
  CHECK(cold.kept == cold.computed);
  CHECK(warm.computed == cold.computed);
  CHECK(warm.found == cold.computed);
}

TEST_CASE("memo: its memory and its model live as long as a scorer with it", "[memo]") {
  const ModelFile file(Shape{.seed = 103});
  const Request request = random_request(file.open(), kCandidates, kHistory, 1);
  auto scorer = [&] {
    const Model model = file.open();
    const PairMemo memo = memo_of(model, ""), copy = memo;
    return value(Scorer::create(model, {.max_candidates = kCandidates, .integers = Integers::always, .memo = &copy}));
  }();
  CHECK(!scorer.isa().empty());
}

TEST_CASE("memo: one of another model, ISA or arithmetic is refused", "[memo]") {
  const ModelFile file(Shape{.compute = format::Compute::int8, .seed = 104});
  const Model model = file.open(), other = file.open();
  const auto refusal = [&](const Model& of, const PairMemo& memo, const ScorerOptions& options) {
    ScorerOptions with = options;
    with.memo = &memo;
    const auto scorer = Scorer::create(of, with);
    REQUIRE(!scorer.ok());
    CHECK(scorer.status().code() == Code::invalid_argument);
    return std::string(scorer.status().message());
  };
  CHECK_THAT(refusal(other, memo_of(model, ""), {}), ContainsSubstring("another model"));
  CHECK_THAT(refusal(model, memo_of(model, "reference"), {}), ContainsSubstring("ISA reference"));
  for (const Isa& isa : isas()) {
    const auto in_integers = isa.available ? Scorer::create(model, {.isa = isa.name}) : Status();
    if (!in_integers.ok() || !in_integers->uses_integers()) continue;
    CHECK_THAT(refusal(model, memo_of(model, isa.name), {.isa = isa.name, .integers = Integers::never}),
               ContainsSubstring("in integers, the scorer computes in floats"));
  }
}

TEST_CASE("memo: an interest whose pairs have no identity is refused by name", "[memo]") {
  const auto refusal = [](const Shape& shape, std::size_t bytes = 1 << 20U) {
    const ModelFile file(shape);
    const auto memo = PairMemo::create(file.open(), {.bytes = bytes});
    REQUIRE(!memo.ok());
    return std::string(memo.status().message());
  };
  CHECK_THAT(refusal({.mixed_fields = true, .seed = 105}), ContainsSubstring("interests[0]: feature 'size'"));
  CHECK_THAT(refusal({.content = true, .seed = 105}), ContainsSubstring("is no single id"));
  CHECK_THAT(refusal({.score = format::Score::dot, .seed = 106}), ContainsSubstring("no interest has"));
  CHECK_THAT(refusal({.attention_activation = format::ActivationKind::prelu_position,
                      .max_length = 60,
                      .positions = 60,
                      .seed = 107}),
             ContainsSubstring("position"));
  CHECK_THAT(refusal({.seed = 108}, 100), ContainsSubstring("takes at least"));
}

}  // namespace dinghy::tests
