// One user, one item, one score: nothing else that a request holds changes a bit of it.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <limits>
#include <numeric>
#include <random>

#include "dinghy/isa.h"
#include "tests/engine/page_session.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

using format::ActivationKind;
using format::Normalizer;

/// The candidates of a request that `rows` names, in that order.
Values chosen(const Values& of, const std::vector<std::size_t>& rows) {
  Values values;
  for (const auto& [name, numbers] : of.numbers) {
    const std::size_t width = numbers.size() / (of.ids.at("shop").size());
    for (const std::size_t r : rows) {
      const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(r * width);
      values.numbers[name].insert(values.numbers[name].end(), begin, begin + static_cast<std::ptrdiff_t>(width));
    }
  }
  for (const auto& [name, ids] : of.ids) {
    const auto bag = of.offsets.find(name);
    if (bag != of.offsets.end()) values.offsets[name].push_back(0);
    for (const std::size_t r : rows) {
      const std::size_t begin = bag == of.offsets.end() ? r : bag->second[r];
      const std::size_t end = bag == of.offsets.end() ? r + 1 : bag->second[r + 1];
      values.ids[name].insert(values.ids[name].end(), ids.begin() + static_cast<std::ptrdiff_t>(begin),
                              ids.begin() + static_cast<std::ptrdiff_t>(end));
      if (bag != of.offsets.end()) {
        values.offsets[name].push_back(static_cast<std::uint32_t>(values.ids[name].size()));
      }
    }
  }
  return values;
}

/// A session whose calls have to succeed.
struct Session : PageSession {
  Session(const Model& m, const std::string& isa, std::size_t candidates, std::size_t history)
      : PageSession(m, isa, candidates, history) {
    REQUIRE(user.ok());
    REQUIRE(scorer.ok());
  }
  Page score(const Values& candidates, std::size_t rows) {
    return checked(PageSession::score(candidates.columns(model), rows));
  }
  Page rescore(std::size_t rows) { return checked(PageSession::rescore(rows)); }

 private:
  static Page checked(Page page) {
    INFO(page.status.message());
    REQUIRE(page.status.ok());
    return page;
  }
};

/// Candidate `n` of a page has exactly the numbers of candidate `of` of another.
void check_same(const Page& page, std::size_t n, const Page& other, std::size_t of) {
  if (same_bits(page, n, other, of)) return;
  CAPTURE(n, of, page.scores[n] - other.scores[of]);
  REQUIRE(page.scores[n] == other.scores[of]);
  REQUIRE(page.attention[n] == other.attention[of]);
}

/// Pages of some of the candidates, in other orders and twice, against all of them.
void check_pages(Session& session, const Request& request) {
  const Page all = session.score(request.candidates, request.rows);
  std::vector<std::size_t> rows(request.rows);
  std::iota(rows.begin(), rows.end(), 0);
  std::mt19937 random(7);
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4}, std::size_t{7},
                                 std::size_t{13}, std::size_t{50}, request.rows}) {
    std::shuffle(rows.begin(), rows.end(), random);
    std::vector<std::size_t> some(rows.begin(),
                                  rows.begin() + static_cast<std::ptrdiff_t>(std::min(size, rows.size())));
    if (size % 2 == 1) some.push_back(some.front());
    CAPTURE(size);
    const Page page = session.score(chosen(request.candidates, some), some.size());
    for (std::size_t n = 0; n < some.size(); ++n) check_same(page, n, all, some[n]);
  }
}

/// Click after click: rescore() gives the bits of a score() by another session.
void check_clicks(const Model& model, const std::string& isa, const Request& request, std::size_t clicks) {
  constexpr std::size_t kKept = 60;
  Session session(model, isa, request.rows, kKept), fresh(model, isa, request.rows, kKept);
  const std::size_t first = request.length - clicks;
  REQUIRE(session.user->set(request.user.columns(model), behaviors(request, 0, first).columns(model)).ok());
  session.score(request.candidates, request.rows);
  for (std::size_t t = first; t < request.length; ++t) {
    CAPTURE(t);
    REQUIRE(session.user->append(behaviors(request, t, 1).columns(model)).ok());
    const Page page = session.rescore(request.rows);
    const std::size_t kept = std::min(t + 1, kKept);
    REQUIRE(fresh.user->set(request.user.columns(model), behaviors(request, t + 1 - kept, kept).columns(model)).ok());
    const Page expected = fresh.score(request.candidates, request.rows);
    for (std::size_t n = 0; n < request.rows; ++n) check_same(page, n, expected, n);
  }
}

/// A huge number in one candidate: the others keep their scores.
void check_strangers(Session& session, const Request& request) {
  const Page before = session.score(request.candidates, request.rows);
  constexpr std::size_t kStrange = 2;
  for (const float number : {1e30f, std::numeric_limits<float>::max()}) {
    Values strange = request.candidates;
    for (auto& [name, numbers] : strange.numbers) numbers[kStrange * (numbers.size() / request.rows)] = number;
    const Page page = session.score(strange, request.rows);
    for (std::size_t n = 0; n < request.rows; ++n) {
      if (n != kStrange) check_same(page, n, before, n);
    }
  }
}

/// On every ISA and in every arithmetic, of histories that share something and nothing.
void check_one_score(Shape shape) {
  for (const format::Compute compute : format::EnumValuesCompute()) {
    shape.compute = compute;
    const ModelFile file(shape);
    const Model model = file.open();
    for (const Isa& isa : isas()) {
      if (!isa.available) continue;
      CAPTURE(isa.name, static_cast<int>(compute));
      for (const bool coarse : {true, false}) {
        for (const std::size_t history : {1u, 17u, 40u}) {
          CAPTURE(coarse, history);
          const Request request = random_request(model, 61, history, history + coarse, coarse);
          Session session(model, isa.name, 62, history);
          REQUIRE(session.user->set(request.user.columns(model), request.history.columns(model)).ok());
          check_pages(session, request);
          check_strangers(session, request);
        }
        check_clicks(model, isa.name, random_request(model, 31, 70, 5, coarse), 20);
      }
    }
  }
}

/// A page of a thousand between other users, and ten thousand clicks of which a few are looked at.
void check_large(const Model& model, const std::string& isa) {
  constexpr std::size_t kPage = 1000, kKept = 40, kClicks = 10'000;
  const Request request = random_request(model, kPage, kKept, 1, true),
                other = random_request(model, 7, kKept, 2, true);
  Session session(model, isa, kPage, kKept), fresh(model, isa, kPage, kKept);
  const auto set = [&](Session& to, const Request& of) {
    REQUIRE(to.user->set(of.user.columns(model), of.history.columns(model)).ok());
  };
  set(session, request);
  const Page all = session.score(request.candidates, kPage);
  for (std::size_t n = 0; n < kPage; n += 99) {
    set(session, other);
    session.score(other.candidates, other.rows);
    set(session, request);
    check_same(session.score(chosen(request.candidates, {n}), 1), 0, all, n);
  }
  const Request clicks = random_request(model, 3, kClicks + kKept, 3, true);
  REQUIRE(session.user->set(clicks.user.columns(model), behaviors(clicks, 0, kKept).columns(model)).ok());
  session.score(clicks.candidates, clicks.rows);
  for (std::size_t t = 1; t <= kClicks; ++t) {
    REQUIRE(session.user->append(behaviors(clicks, kKept + t - 1, 1).columns(model)).ok());
    const Page page = session.rescore(clicks.rows);
    if (t != 1 && t != 10 && t != 100 && t % 1000 != 0) continue;
    CAPTURE(t);
    REQUIRE(fresh.user->set(clicks.user.columns(model), behaviors(clicks, t, kKept).columns(model)).ok());
    const Page expected = fresh.score(clicks.candidates, clicks.rows);
    for (std::size_t n = 0; n < clicks.rows; ++n) check_same(page, n, expected, n);
  }
}

}  // namespace

TEST_CASE("one score: pages, orders, repeats and clicks change no bit", "[scoring]") { check_one_score({.seed = 72}); }

// Seconds; where that becomes minutes, under emulators and sanitizers, the presets leave these out.
TEST_CASE("one score: pages, orders, repeats and clicks change no bit, by fields", "[scoring][numbers]") {
  check_one_score({.field_widths = {12}, .seed = 71});
  check_one_score({.field_widths = {7, 5, 9}, .seed = 73});
  check_one_score({.field_widths = {3, 4, 8, 2, 5}, .two_interests = true, .seed = 74});
}

TEST_CASE("one score: pages, orders, repeats and clicks change no bit, by activation", "[scoring][numbers]") {
  for (const ActivationKind kind :
       {ActivationKind::identity, ActivationKind::relu, ActivationKind::leaky_relu, ActivationKind::prelu,
        ActivationKind::sigmoid, ActivationKind::tanh, ActivationKind::gate, ActivationKind::row_gate}) {
    CAPTURE(static_cast<int>(kind));
    check_one_score({.attention_activation = kind, .seed = 75});
  }
}

TEST_CASE("one score: pages, orders, repeats and clicks change no bit, by knob", "[scoring][numbers]") {
  check_one_score({.normalizer = Normalizer::raw, .pads = format::Pads::attend, .pad_to = 60, .seed = 76});
  check_one_score(
      {.pads = format::Pads::zero_logit, .pad_to = 60, .query_layer = true, .post_layer = true, .seed = 77});
  check_one_score({.score = format::Score::dot, .narrow_query = true, .seed = 78});
  check_one_score({.narrow_query = true, .two_interests = true, .own_history = true, .seed = 79});
  check_one_score(
      {.two_interests = true, .history_sums = true, .products = true, .biases = true, .mlps = true, .seed = 80});
  check_one_score({.mixed_fields = true, .content = true, .seed = 81});
  check_one_score({.attention = {}, .own_keys = true, .encoded = true, .seed = 82});
  check_one_score(
      {.attention_activation = ActivationKind::prelu_position, .max_length = 60, .positions = 60, .seed = 83});
}

TEST_CASE("one score: a thousand candidates, other users between, ten thousand clicks", "[scoring][numbers]") {
  for (const format::Compute compute : format::EnumValuesCompute()) {
    const ModelFile file(Shape{.compute = compute, .seed = 84});
    const Model model = file.open();
    for (const Isa& isa : isas()) {
      if (!isa.available) continue;
      CAPTURE(isa.name, static_cast<int>(compute));
      check_large(model, isa.name);
    }
  }
}

}  // namespace dinghy::tests
