// A tower of two layers, calibrated and scored, against its formula with the statistics of the same rows.
#include "converter/calibration/calibration.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>

#include "converter/error.h"
#include "converter/model_file/writer.h"
#include "converter/presets/batch_dice.h"
#include "converter/requests/request_scorer.h"
#include "tests/converter/memory_tensor.h"
#include "tests/converter/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

namespace dinghy::converter {
namespace {

constexpr double kNormEpsilon = 1e-3, kDiceEpsilon = 1e-9;
const Vector kWeight = {0.5, -0.25, 1.5, 0.75, 0.25, -1};  // [candidate 0, candidate 1, user] x 2
const Vector kAlpha = {0.25, 0.5};

Feature dense(const std::string& name, format::Role role, std::uint32_t width) {
  Feature feature;
  feature.name = name;
  feature.role = role;
  feature.kind = format::FeatureKind::dense;
  feature.width = feature.dense_width = width;
  return feature;
}

// The user's part comes last, where the file will have it first. The table is there because a model needs one.
void fill(Conversion& conversion) {
  Network& network = conversion.network;
  Table table;
  table.name = "item";
  table.source = memory_tensor("item", {2, 1}, {0, 0});
  network.tables.push_back(table);
  Feature item;
  item.name = "item";
  item.width = 1;
  item.table = 0;
  network.features = {dense("price", format::Role::candidate, 2), dense("age", format::Role::user, 1), item};
  network.tower_parts = {{{format::Source::feature, 0, 0, 2, 0}, {}}, {{format::Source::feature, 1, 0, 1, 0}, {}}};
  network.tower.resize(2);
  network.tower[0].weight = {3, 2, kWeight};
  network.tower[0].bias = {0.125, -0.5};
  network.tower[1].weight = {2, 1, {1, -2}};
  network.tower[1].bias = {0.25};
  network.tower[0].activation = batch_dice(conversion, 0, kAlpha, {kDiceEpsilon, kDiceEpsilon});
  conversion.batch_norms.push_back({0, BatchNorm::Place::input, kNormEpsilon, 0});
}

struct Row {
  double price[2], age;
};

const std::vector<Row> kRows = {{{1, 2}, 20}, {{0.5, -1}, 20}, {{3, 0.25}, 35}};
const std::string kLines =
    "{\"user\":{\"age\":20},\"candidates\":{\"price\":[[1,2],[0.5,-1]],\"item\":[0,1]}}\n"
    "{\"user\":{\"age\":35},\"candidates\":{\"price\":[[3,0.25]],\"item\":[0]}}\n";

/// Columns normalized by their own mean and variance.
std::vector<Vector> normalized(std::vector<Vector> rows, double variance_epsilon, double deviation_epsilon) {
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    double mean = 0, variance = 0;
    for (const Vector& row : rows) mean += row[i] / static_cast<double>(rows.size());
    for (const Vector& row : rows) variance += std::pow(row[i] - mean, 2) / static_cast<double>(rows.size());
    for (Vector& row : rows) row[i] = (row[i] - mean) / (std::sqrt(variance + variance_epsilon) + deviation_epsilon);
  }
  return rows;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

Vector expected_scores() {
  std::vector<Vector> x;
  for (const Row& row : kRows) x.push_back({row.price[0], row.price[1], row.age});
  x = normalized(x, kNormEpsilon, 0);
  std::vector<Vector> hidden;
  for (const Vector& row : x) {
    Vector y = {0.125, -0.5};
    for (std::size_t in = 0; in < 3; ++in) {
      for (std::size_t out = 0; out < 2; ++out) y[out] += row[in] * kWeight[in * 2 + out];
    }
    hidden.push_back(y);
  }
  const std::vector<Vector> norm = normalized(hidden, kDiceEpsilon, kDiceEpsilon);
  Vector scores;
  for (std::size_t r = 0; r < hidden.size(); ++r) {
    Vector y = hidden[r];
    for (std::size_t i = 0; i < 2; ++i) {
      const double p = sigmoid(norm[r][i]);
      y[i] = p * y[i] + kAlpha[i] * (1 - p) * y[i];
    }
    scores.push_back(sigmoid(y[0] - 2 * y[1] + 0.25));
  }
  return scores;
}

}  // namespace

TEST_CASE("A calibration freezes the statistics of the tower's input and of its Dice, layer by layer",
          "[calibration]") {
  const Checkpoint checkpoint = memory_checkpoint({});
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  fill(conversion);
  TemporaryFolder folder;
  folder.write("rows.jsonl", kLines);
  calibrate(conversion, folder.path("rows.jsonl"), folder.path("m.dinghy"));
  CHECK(conversion.batch_norms.empty());
  CHECK(conversion.findings.back().value == "frozen: mean and variance over the 3 candidates of rows.jsonl");

  write_model(conversion.network, {}, {}, folder.path("m.dinghy"));
  const Result<Model> model = Model::open(folder.path("m.dinghy").c_str());
  REQUIRE(model.ok());
  RequestReader reader(request_shape(*model), kLines, "rows");
  RequestScorer scorer(*model, "m.dinghy", {.isa = "reference"});
  const Vector expected = expected_scores();
  std::size_t row = 0;
  for (Request request; reader.next(request);) {
    for (const float score : scorer.score(request, false).scores) {
      CHECK_THAT(static_cast<double>(score), WithinAbs(expected.at(row++), 1e-6));
    }
  }
  CHECK(row == 3);
}

TEST_CASE("A calibration names the line of a request that does not fit the model", "[calibration]") {
  const Checkpoint checkpoint = memory_checkpoint({});
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  fill(conversion);
  TemporaryFolder folder;
  folder.write("rows.jsonl", kLines + "{\"user\":{},\"candidates\":{\"price\":[[1,2]],\"item\":[0]}}\n");
  CHECK_THROWS_MATCHES(calibrate(conversion, folder.path("rows.jsonl"), folder.path("m.dinghy")), Error,
                       MessageMatches(ContainsSubstring("rows.jsonl:3")));
  CHECK_FALSE(std::filesystem::exists(folder.path("m.dinghy")));
}

}  // namespace dinghy::converter
