// PaddleRec's DIN from a small checkpoint whose every number tells where it comes from.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <numeric>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

namespace dinghy::converter {
namespace {

std::vector<float> filled(std::size_t count, float value) { return std::vector<float>(count, value); }

std::vector<float> ramp(std::size_t count) {
  std::vector<float> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  return numbers;
}

void add_linear(std::vector<Tensor>& tensors, int number, std::int64_t in, std::int64_t out,
                const std::vector<float>& weight) {
  const std::string name = "linear_" + std::to_string(number);
  tensors.push_back(memory_tensor(name + ".w_0", {in, out}, weight));
  tensors.push_back(memory_tensor(name + ".b_0", {out}, filled(static_cast<std::size_t>(out), 0)));
}

// Items of width 1 and categories of width 2, two rows each; table N holds 10 * N + its own ramp.
Checkpoint static_checkpoint() {
  std::vector<Tensor> tensors;
  for (int table = 0; table < 6; ++table) {
    const std::int64_t width = table % 2 == 0 ? 1 : 2;
    std::vector<float> rows = ramp(static_cast<std::size_t>(2 * width));
    for (float& number : rows) number += 10.0f * static_cast<float>(table);
    tensors.push_back(memory_tensor("embedding_" + std::to_string(table) + ".w_0", {2, width}, rows));
  }
  tensors.push_back(memory_tensor("embedding_6.w_0", {2, 1}, {0.5, 0.25}));
  add_linear(tensors, 0, 12, 1, ramp(12));
  add_linear(tensors, 1, 1, 1, {1});
  add_linear(tensors, 2, 1, 1, {1});
  add_linear(tensors, 3, 3, 3, filled(9, 1));
  add_linear(tensors, 4, 6, 1, filled(6, 1));
  add_linear(tensors, 5, 1, 1, {1});
  add_linear(tensors, 6, 1, 1, {1});
  return memory_checkpoint(std::move(tensors));
}

Network built(const Checkpoint& checkpoint) {
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

const Feature& feature_named(const Network& network, const std::string& name) {
  for (const Feature& feature : network.features) {
    if (feature.name == name) return feature;
  }
  FAIL("no feature " << name);
  return network.features.front();
}

std::vector<double> rows_of(const Network& network, int table) {
  return network.tables.at(static_cast<std::size_t>(table)).source.values();
}

}  // namespace

TEST_CASE("Trap 10: PaddleRec compares in the order k, q, k-q, k*q, so rows move and the difference changes its sign",
          "[presets]") {
  const Network network = built(static_checkpoint());
  // The file's rows are k 0..2, q 3..5, k-q 6..8, k*q 9..11.
  CHECK(network.interests.at(0).layers.at(0).weight.values == Vector{3, 4, 5, 0, 1, 2, -6, -7, -8, 9, 10, 11});
}

TEST_CASE("Trap 21: PaddleRec's behaviours, tower and query each have their own table of items and of categories",
          "[presets]") {
  const Network network = built(static_checkpoint());
  const Feature& item = feature_named(network, "item");
  const Feature& category = feature_named(network, "category");
  CHECK(rows_of(network, item.table) == Vector{20, 40, 21, 41});
  CHECK(rows_of(network, category.table) == Vector{30, 31, 50, 51, 32, 33, 52, 53});
  CHECK(rows_of(network, feature_named(network, "hist_item").history_table) == Vector{0, 1});
  CHECK(rows_of(network, feature_named(network, "hist_category").history_table) == Vector{10, 11, 12, 13});

  // The query's halves of [item, item', category, category'].
  const Matrix& selection = network.interests.at(0).query_layers.at(0).weight;
  Vector query(3, 0.0);
  const Vector candidate{20, 40, 30, 31, 50, 51};
  for (std::size_t in = 0; in < 6; ++in) {
    for (std::size_t out = 0; out < 3; ++out) query[out] += candidate[in] * selection.at(in, out);
  }
  CHECK(query == Vector{40, 50, 51});

  REQUIRE(network.tower_parts.size() == 3);
  CHECK(network.tower_parts[1].operand.begin == 0);
  CHECK(network.tower_parts[1].operand.width == 1);
  CHECK(network.tower_parts[2].operand.width == 2);
  REQUIRE(network.head.biases.size() == 1);
  CHECK(rows_of(network, static_cast<int>(network.head.biases[0].table)) == Vector{0.5, 0.25});
}

TEST_CASE("PaddleRec divides by the root of the key's width and averages padding for an empty history", "[presets]") {
  const Interest interest = built(static_checkpoint()).interests.at(0);
  CHECK_THAT(interest.scale, WithinAbs(0.57735026918962576, 1e-12));
  CHECK(interest.normalizer == format::Normalizer::softmax);
  CHECK(interest.empty == format::EmptyHistory::pad_row);
  CHECK(interest.layers.at(0).activation.kind == format::ActivationKind::sigmoid);
  CHECK(interest.layers.at(2).activation.kind == format::ActivationKind::identity);
  CHECK(interest.post_layers.size() == 1);
}

TEST_CASE("Trap 34: a PaddleRec checkpoint of the dynamic mode is refused, since its attention was never saved",
          "[presets]") {
  const Checkpoint checkpoint = memory_checkpoint({memory_tensor("hist_item_emb_attr.weight", {1, 1}, {1}),
                                                   memory_tensor("linear_0.weight", {2, 80}, filled(160, 1))});
  CHECK_THROWS_MATCHES(built(checkpoint), Error,
                       MessageMatches(ContainsSubstring("lacks the three layers of the attention") &&
                                      ContainsSubstring("static_trainer.py")));
}

}  // namespace dinghy::converter
