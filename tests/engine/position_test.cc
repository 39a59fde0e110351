// Layers that depend on a behaviour's position in the padded history.
#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

using format::ActivationKind;
using format::Pads;
using format::PadSide;

constexpr std::size_t kPositions = 12;

Shape by_position(PadSide side, Pads pads = Pads::excluded) {
  Shape shape;
  shape.attention_activation = ActivationKind::prelu_position;
  shape.positions = kPositions;
  shape.max_length = kPositions;
  shape.pad_side = side;
  shape.pads = pads;
  shape.pad_to = pads == Pads::excluded ? 0 : kPositions;
  shape.seed = 31;
  return shape;
}

/// The alphas of every layer of the unit, moved by some positions.
converter::Network with_moved_alphas(converter::Network network, std::size_t by) {
  for (converter::Layer& layer : network.interests[0].layers) {
    converter::Vector& alpha = layer.activation.alpha;
    if (alpha.empty()) continue;
    const std::size_t width = alpha.size() / kPositions;
    const converter::Vector before = alpha;
    for (std::size_t i = 0; i < alpha.size(); ++i) alpha[i] = before[(i + by * width) % before.size()];
  }
  return network;
}

/// The request with rows of padding (row 0 of every table) around its history, as the training code had it.
Request padded(Request request, PadSide side) {
  for (auto& [name, ids] : request.history.ids) {
    ids.insert(side == PadSide::right ? ids.end() : ids.begin(), kPositions - request.length, 0);
  }
  request.length = kPositions;
  return request;
}

void check_equal(const Scores& got, const Scores& expected) {
  for (std::size_t n = 0; n < expected.scores.size(); ++n) {
    CHECK(std::fabs(got.scores[n] - expected.scores[n]) <= 1e-6f);
  }
}

template <class Check>
void on_every_isa(Check check) {
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    check(isa.name);
  }
}

}  // namespace

TEST_CASE("Trap 9: a PReLU by position takes the alphas of the behaviour's place in the history", "[scoring]") {
  const ModelFile file(by_position(PadSide::right));
  const Model model = file.open();
  Request request = random_request(model, 5, 4, 1);
  const Scores before = score(model, request, "reference");
  for (auto& [name, ids] : request.history.ids) std::reverse(ids.begin(), ids.end());
  const Scores reversed = score(model, request, "reference");
  float largest = 0;
  for (std::size_t n = 0; n < 5; ++n) largest = std::max(largest, std::fabs(reversed.scores[n] - before.scores[n]));
  CHECK(largest > 1e-4f);

  // Of one behaviour only the alphas of position 0 count: an ordinary PReLU with those gives the same.
  const Request one = random_request(model, 5, 1, 2);
  converter::Network network = random_network(by_position(PadSide::right));
  for (converter::Layer& layer : network.interests[0].layers) {
    if (layer.activation.kind != ActivationKind::prelu_position) continue;
    layer.activation.kind = ActivationKind::prelu;
    layer.activation.alpha.resize(layer.weight.cols);
  }
  const ModelFile ordinary(network);
  const Model same_alphas = ordinary.open();
  on_every_isa([&](const std::string& isa) { check_equal(score(model, one, isa), score(same_alphas, one, isa)); });
}

TEST_CASE("Trap 9: with padding on the left the last behaviour has the last position", "[scoring]") {
  constexpr std::size_t kLength = 5;
  const ModelFile left(by_position(PadSide::left));
  const ModelFile right(with_moved_alphas(random_network(by_position(PadSide::right)), kPositions - kLength));
  const Model a = left.open(), b = right.open();
  const Request request = random_request(a, 7, kLength, 3);
  on_every_isa([&](const std::string& isa) { check_equal(score(a, request, isa), score(b, request, isa)); });
}

TEST_CASE("Trap 9: padding that attends has the alphas of its own positions", "[scoring]") {
  for (const PadSide side : {PadSide::right, PadSide::left}) {
    for (const format::Normalizer normalizer :
         {format::Normalizer::raw, format::Normalizer::softmax, format::Normalizer::sigmoid}) {
      Shape shape = by_position(side, Pads::attend);
      shape.normalizer = normalizer;
      const ModelFile file(shape);
      const Model model = file.open();
      for (const std::size_t length : {0u, 1u, 5u, 12u}) {
        CAPTURE(static_cast<int>(side), static_cast<int>(normalizer), length);
        const Request request = random_request(model, 6, length, 40 + length);
        const Request filled = padded(request, side);
        on_every_isa(
            [&](const std::string& isa) { check_equal(score(model, request, isa), score(model, filled, isa)); });
      }
    }
  }
}

TEST_CASE("position: every ISA agrees with reference for both sides, every kind of padding and repeated behaviours",
          "[scoring]") {
  for (const PadSide side : {PadSide::right, PadSide::left}) {
    for (const Pads pads : {Pads::excluded, Pads::attend, Pads::denominator, Pads::zero_logit}) {
      for (const format::Normalizer normalizer : {format::Normalizer::raw, format::Normalizer::softmax}) {
        Shape shape = by_position(side, pads);
        shape.normalizer = normalizer;
        shape.query_layer = true;
        shape.two_interests = true;
        shape.mask = format::Mask::all_ids;
        const ModelFile file(shape);
        const Model model = file.open();
        for (const std::size_t length : {0u, 1u, 11u, 12u, 30u}) {
          CAPTURE(static_cast<int>(side), static_cast<int>(pads), static_cast<int>(normalizer), length);
          const Request request = random_request(model, 49, length, 60 + length, length % 2 == 0);
          const Scores expected = score(model, request, "reference");
          on_every_isa([&](const std::string& isa) {
            const Scores got = score(model, request, isa);
            check_equal(got, expected);
            for (std::size_t i = 0; i < got.attention.size(); ++i) {
              const float tolerance = 1e-5f * std::max(1.f, std::fabs(expected.attention[i]));
              CHECK(std::fabs(got.attention[i] - expected.attention[i]) <= tolerance);
            }
          });
        }
      }
    }
  }
}

TEST_CASE("position: rescore after appends gives what score gives for the longer history", "[scoring]") {
  for (const PadSide side : {PadSide::right, PadSide::left}) {
    const ModelFile file(by_position(side));
    const Model model = file.open();
    const Request request = random_request(model, 6, 16, 5);  // four more than there are positions
    on_every_isa([&](const std::string& isa) {
      auto user = UserState::create(model, {.max_history = 20, .isa = isa});
      auto scorer = Scorer::create(model, {.max_candidates = 6, .max_history = 20, .isa = isa});
      REQUIRE(user->set(request.user.columns(model), behaviors(request, 0, 8).columns(model)).ok());
      Scores got;
      got.scores.resize(6);
      REQUIRE(scorer->score(*user, request.candidates.columns(model), got.scores).ok());
      for (std::size_t t = 8; t < 16; ++t) {
        REQUIRE(user->append(behaviors(request, t, 1).columns(model)).ok());
        REQUIRE(scorer->rescore(*user, got.scores).ok());
        Request longer = request;
        longer.history = behaviors(request, 0, t + 1);
        longer.length = t + 1;
        check_equal(got, score(model, longer, isa));
      }
    });
  }
}

TEST_CASE("open: a PReLU by position is refused where a behaviour might have no position", "[scoring]") {
  const auto message_of = [](auto change) {
    converter::Network network = random_network(by_position(PadSide::right, Pads::attend));
    change(network);
    const ModelFile file(network);
    const auto model = Model::open(file.path().c_str());
    CHECK(model.status().code() == Code::bad_file);
    return std::string(model.status().message());
  };
  const auto names = [](const std::string& message, const char* what) {
    return message.find(what) != std::string::npos;
  };
  CHECK(names(message_of([](auto& n) { n.sequences[0].max_length = 0; }), "histories of 0"));
  CHECK(names(message_of([](auto& n) { n.sequences[0].max_length = 13; }), "histories of 13"));
  CHECK(names(message_of([](auto& n) { n.interests[0].pad_to = 11; }), "pad_to is 11"));
  CHECK(names(message_of([](auto& n) { n.interests[0].layers[1].activation.alpha.resize(11 * 8); }),
              "11 positions, a layer before has 12"));
  CHECK(names(message_of([](auto& n) { n.tower[0].activation = n.interests[0].layers[0].activation; }),
              "tower layers[0]"));
  CHECK(names(message_of([](auto& n) {
                n.interests[0].layers.back().activation.kind = ActivationKind::prelu_position;
                n.interests[0].layers.back().activation.alpha.assign(kPositions, 1);
              }),
              "the logit has an activation by position"));
}

}  // namespace dinghy::tests
