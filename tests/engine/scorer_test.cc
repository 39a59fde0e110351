#include "dinghy/scorer.h"

#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "dinghy/isa.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

/// Scores and attention of every ISA against `reference`, in probability, over lengths and numbers of candidates that
/// meet every remainder of blocks and tiles.
void check_all_isas(const Shape& shape) {
  const ModelFile file(shape);
  const Model model = file.open();
  for (const std::size_t history : {0u, 1u, 2u, 23u, 24u, 25u, 50u}) {
    for (const std::size_t candidates : {0u, 1u, 7u, 49u}) {
      const bool coarse = (history + candidates) % 2 == 0;  // 24 and 50 with 0; 23 and 25 with 1, 7 and 49
      CAPTURE(history, candidates, coarse);
      const Request request = random_request(model, candidates, history, history * 100 + candidates, coarse);
      const Scores expected = score(model, request, "reference");
      for (const Isa& isa : isas()) {
        if (!isa.available) continue;
        CAPTURE(isa.name);
        const Scores got = score(model, request, isa.name);
        for (std::size_t n = 0; n < candidates; ++n) {
          if (!(std::fabs(got.scores[n] - expected.scores[n]) <= 1e-5f)) REQUIRE(got.scores[n] == expected.scores[n]);
        }
        for (std::size_t i = 0; i < got.attention.size(); ++i) {
          const float tolerance = 1e-5f * std::max(1.f, std::fabs(expected.attention[i]));
          if (!(std::fabs(got.attention[i] - expected.attention[i]) <= tolerance))
            REQUIRE(got.attention[i] == expected.attention[i]);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("Scorer: encoded tables score alike on every ISA, in bags, histories, biases and paddings too", "[scoring]") {
  check_all_isas({.encoded = true, .seed = 31});
  check_all_isas({.field_widths = {7, 19}, .dense_and_bag = true, .encoded = true, .seed = 32});
  check_all_isas({.pads = format::Pads::attend,
                  .pad_to = 12,
                  .empty = format::EmptyHistory::pad_row,
                  .history_sums = true,
                  .biases = true,
                  .encoded = true,
                  .seed = 33});
}

TEST_CASE("score: every ISA agrees with reference on a DIN with Dice and softmax", "[scoring]") { check_all_isas({}); }

TEST_CASE("score: every ISA agrees with reference for every activation", "[scoring]") {
  using format::ActivationKind;
  for (const ActivationKind kind :
       {ActivationKind::identity, ActivationKind::relu, ActivationKind::leaky_relu, ActivationKind::prelu,
        ActivationKind::sigmoid, ActivationKind::tanh, ActivationKind::gate, ActivationKind::row_gate}) {
    CAPTURE(static_cast<int>(kind));
    check_all_isas({.attention_activation = kind, .tower_activation = kind, .seed = 2});
  }
}

TEST_CASE("score: every ISA agrees with reference for every normalizer, pooling and kind of padding", "[scoring]") {
  using namespace format;
  for (const Normalizer normalizer : {Normalizer::raw, Normalizer::softmax, Normalizer::sigmoid, Normalizer::one}) {
    for (const Pads pads : {Pads::excluded, Pads::attend, Pads::denominator, Pads::zero_logit}) {
      CAPTURE(static_cast<int>(normalizer), static_cast<int>(pads));
      check_all_isas({.normalizer = normalizer,
                      .pads = pads,
                      .pad_to = 30,
                      .empty = EmptyHistory::pad_row,
                      .scale = 0.3,
                      .seed = 3});
    }
    check_all_isas({.normalizer = normalizer, .pooling = Pooling::mean, .pads = Pads::attend, .pad_to = 30, .seed = 4});
    check_all_isas({.normalizer = normalizer, .pooling = Pooling::mean, .seed = 5});
  }
}

TEST_CASE("score: a mean over no behaviours is what the model says of empty histories, whatever the padding",
          "[scoring]") {
  using namespace format;
  for (const Normalizer normalizer : {Normalizer::raw, Normalizer::softmax, Normalizer::sigmoid, Normalizer::one}) {
    for (const EmptyHistory empty : {EmptyHistory::zero, EmptyHistory::pad_row}) {
      Shape shape{.normalizer = normalizer, .pooling = Pooling::mean, .pad_to = 30, .empty = empty};
      const ModelFile without_pads(shape);
      shape.pads = Pads::zero_logit;
      const ModelFile file(shape);
      const dinghy::Model model = file.open();
      const Request request = random_request(model, 5, 0, 1);
      const Scores expected = score(without_pads.open(), request, "reference");
      for (const std::string isa : {"reference", ""}) {
        CAPTURE(static_cast<int>(normalizer), static_cast<int>(empty), isa);
        const Scores got = score(model, request, isa);
        for (std::size_t n = 0; n < request.rows; ++n) CHECK(std::fabs(got.scores[n] - expected.scores[n]) <= 1e-5f);
      }
    }
    check_all_isas({.normalizer = normalizer, .pooling = Pooling::mean, .pads = Pads::zero_logit, .pad_to = 30});
  }
}

TEST_CASE("score: every ISA agrees with reference when the mask takes behaviours out", "[scoring]") {
  using format::Mask;
  for (const Mask mask : {Mask::all_ids, Mask::first_id, Mask::every_id}) {
    check_all_isas({.mask = mask, .seed = 6});
    check_all_isas({.normalizer = format::Normalizer::raw, .mask = mask, .history_sums = true, .seed = 7});
  }
}

TEST_CASE("score: every ISA agrees with reference for one layer, for four, and for odd widths", "[scoring]") {
  check_all_isas({.field_widths = {1}, .attention = {}, .tower = {}, .seed = 8});
  check_all_isas({.field_widths = {17, 1, 3}, .attention = {33, 20, 9, 5}, .tower = {7}, .seed = 9});
  check_all_isas({.field_widths = {18, 18}, .attention = {80, 40}, .tower = {200, 80}, .seed = 10});
}

TEST_CASE("score: every ISA agrees with reference with query and post layers, two interests, sums and products",
          "[scoring]") {
  check_all_isas({.query_layer = true, .seed = 11});
  check_all_isas({.post_layer = true, .products = true, .seed = 12});
  check_all_isas({.two_interests = true, .seed = 13});
  check_all_isas({.pad_to = 30, .two_interests = true, .history_sums = true, .products = true, .seed = 14});
  check_all_isas({.score = format::Score::dot, .two_interests = true, .seed = 15});
}

TEST_CASE("score: every ISA agrees with reference when q is narrower than k and ends in zeros", "[scoring]") {
  check_all_isas({.narrow_query = true, .seed = 19});
  check_all_isas({.score = format::Score::dot, .narrow_query = true, .two_interests = true, .seed = 20});
}

TEST_CASE("score: a narrower query before other fields shifts them in q", "[scoring]") {
  // Then a piece of q belongs to two fields, and candidates of equal coarse fields do not share its part of the unit.
  check_all_isas({.field_widths = {8, 5, 6}, .narrow_query = true, .two_interests = true, .seed = 34});
  check_all_isas({.field_widths = {4, 8}, .two_interests = true, .own_keys = true, .seed = 35});
}

TEST_CASE("score: every ISA agrees with reference with dense features, bags, biases and two logits", "[scoring]") {
  check_all_isas({.dense_and_bag = true, .biases = true, .seed = 16});
  check_all_isas({.logits = 2, .positive_class = 0, .seed = 17});
  check_all_isas({.tower = {}, .logits = 2, .positive_class = 1, .seed = 18});
}

TEST_CASE("score: every ISA agrees with reference with MLPs of the user, of candidates and of each other",
          "[scoring]") {
  check_all_isas({.mlps = true, .seed = 21});
  check_all_isas({.tower = {},
                  .tower_activation = format::ActivationKind::row_gate,
                  .two_interests = true,
                  .dense_and_bag = true,
                  .mlps = true,
                  .logits = 2,
                  .seed = 22});
  check_all_isas({.history_sums = true, .biases = true, .mlps = true, .seed = 23});
}

TEST_CASE("score: MLPs that pass their parts on score as the parts themselves", "[scoring]") {
  converter::Network network = random_network({.history_sums = true, .seed = 24});
  const ModelFile direct(network);
  std::vector<converter::Part> wrapped;
  for (const converter::Part& part : network.tower_parts) {
    const std::uint32_t width = part.operand.width;
    converter::Layer identity;
    identity.weight = {width, width, std::vector<double>(width * width)};
    for (std::size_t i = 0; i < width; ++i) identity.weight.at(i, i) = 1;
    const auto index = static_cast<std::uint32_t>(network.mlps.size());
    network.mlps.push_back({"mlp" + std::to_string(index), {part}, {identity, identity}});
    wrapped.push_back({{format::Source::mlp, index, 0, width, 0}, {}});
  }
  network.tower_parts = wrapped;
  const ModelFile through(network);
  const Model a = direct.open(), b = through.open();
  const Request request = random_request(a, 9, 14, 24);
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    const Scores expected = score(a, request, isa.name), got = score(b, request, isa.name);
    for (std::size_t n = 0; n < 9; ++n) CHECK(std::fabs(got.scores[n] - expected.scores[n]) <= 1e-6f);
  }
}

TEST_CASE("score: a permutation of the history changes no score", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  Request request = random_request(model, 5, 31, 1);
  const Scores before = score(model, request, "");
  for (auto& [name, ids] : request.history.ids) std::reverse(ids.begin(), ids.end());
  const Scores after = score(model, request, "");
  for (std::size_t n = 0; n < 5; ++n) CHECK(std::fabs(after.scores[n] - before.scores[n]) <= 1e-6f);
}

TEST_CASE("score: a candidate's score does not depend on the other candidates", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 101, 20, 2);
  const Scores all = score(model, request, "");
  for (const std::size_t n : {0u, 47u, 48u, 100u}) {
    Request one = request;
    one.rows = 1;
    for (auto& [name, ids] : one.candidates.ids) ids = {ids[n]};
    CHECK(std::fabs(score(model, one, "").scores[0] - all.scores[n]) <= 1e-6f);
  }
}

TEST_CASE("score: the weights of a softmax attention sum to one for every candidate", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Scores result = score(model, random_request(model, 50, 33, 3), "");
  for (std::size_t n = 0; n < 50; ++n) {
    double sum = 0;
    for (std::size_t t = 0; t < 33; ++t) sum += static_cast<double>(result.attention[n * 33 + t]);
    CHECK(std::fabs(sum - 1) <= 1e-5);
  }
}

TEST_CASE("score: two logits give the softmax of the class that the head names", "[scoring]") {
  Shape shape{.logits = 2, .positive_class = 0};
  const ModelFile first(shape);
  shape.positive_class = 1;
  const ModelFile second(shape);
  const Model a = first.open(), b = second.open();
  const Request request = random_request(a, 6, 9, 4);
  const Scores p = score(a, request, ""), q = score(b, request, "");
  for (std::size_t n = 0; n < 6; ++n) CHECK(std::fabs(p.scores[n] + q.scores[n] - 1) <= 1e-6f);
}

TEST_CASE("score: several scorers may read one user state, also of another ISA", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 9, 12, 10);
  const Scores expected = score(model, request, "reference");
  for (const Isa& user_isa : isas()) {
    for (const Isa& scorer_isa : isas()) {
      if (!user_isa.available || !scorer_isa.available) continue;
      auto user = UserState::create(model, {.isa = user_isa.name});
      auto scorer = Scorer::create(model, {.isa = scorer_isa.name});
      REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
      std::vector<float> scores(9);
      REQUIRE(scorer->score(*user, request.candidates.columns(model), scores).ok());
      for (std::size_t n = 0; n < 9; ++n) CHECK(std::fabs(scores[n] - expected.scores[n]) <= 1e-5f);
    }
  }
}

}  // namespace dinghy::tests
