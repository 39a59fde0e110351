// Numbers of behaviours, and linear layers behind numbers and tables, as a generic recipe names them.
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/golden/check.h"
#include "converter/model_file/writer.h"
#include "converter/presets/presets.h"
#include "converter/text/number_text.h"
#include "dinghy/isa.h"
#include "tests/converter/memory_tensor.h"
#include "tests/converter/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

Checkpoint checkpoint() {
  return memory_checkpoint({memory_tensor("table", {3, 2}, {0.5, -1, 2, 0.25, 1, 3}),
                            memory_tensor("proj.weight", {1, 2}, {1, -2}), memory_tensor("proj.bias", {1}, {0.25}),
                            memory_tensor("text.weight", {1, 2}, {2, 3}), memory_tensor("text.bias", {1}, {0.5}),
                            memory_tensor("att", {1, 8}, {0.5, -1, 1, 2, -0.5, 1, 0.25, -0.75}),
                            memory_tensor("top", {1, 2}, {1, 10})});
}

constexpr const char* kRecipe = R"(preset = "generic"
layout = "out_in"
[history]
pad_row = 2
[[feature]]
name = "item"
table = "table"
projection = "proj.weight"
projection_bias = "proj.bias"
history = true
[[feature]]
name = "text"
dense = 2
projection = "text.weight"
projection_bias = "text.bias"
history = true
[[interest]]
fields = ["item", "text"]
normalizer = "raw"
pads = "attend"
pad_to = 3
empty = "zero"
layers = [ { weight = "att" } ]
[tower]
inputs = ["interest"]
layers = [ { weight = "top" } ]
[head]
link = "identity"
)";

std::string changed(const std::string& line, const std::string& instead) {
  std::string text = kRecipe;
  REQUIRE(text.find(line) != std::string::npos);
  return text.replace(text.find(line), line.size(), instead);
}

Network built(const std::string& text) {
  const Checkpoint from = checkpoint();
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion conversion(from, recipe);
  build_network(conversion, choose_preset(from, recipe));
  return conversion.network;
}

using Key = std::array<double, 2>;

/// The item's row through its layer, and two numbers through theirs.
Key key_of(std::size_t item, double first, double second) {
  constexpr double kRows[3][2] = {{0.5, -1}, {2, 0.25}, {1, 3}};
  return {kRows[item][0] - 2 * kRows[item][1] + 0.25, 2 * first + 3 * second + 0.5};
}

/// The interest of raw weights, and the tower that takes 1 and 10 times its numbers.
double score_of(const Key& q, const std::vector<Key>& keys) {
  double score = 0;
  for (const Key& k : keys) {
    const double weight = 0.5 * q[0] - q[1] + k[0] + 2 * k[1] - 0.5 * (q[0] - k[0]) + (q[1] - k[1]) +
                          0.25 * q[0] * k[0] - 0.75 * q[1] * k[1];
    score += weight * (k[0] + 10 * k[1]);
  }
  return score;
}

}  // namespace

TEST_CASE("Numbers in the history and layers behind tables score as their formula", "[presets]") {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.dinghy");
  write_model(built(kRecipe), Provenance{}, GoldenRows{}, path);
  const Result<Model> model = Model::open(path.c_str());
  INFO(model.status().message());
  REQUIRE(model.ok());
  // Two behaviours and one row of padding: row 2 of the table, and two zeros in front of the layer.
  const double score = score_of(key_of(1, 0.5, -1), {key_of(0, 1, 0.25), key_of(1, -0.5, 0.75), key_of(2, 0, 0)});
  const std::string line = R"({"user": {}, "history": {"item": [0, 1], "text": [[1, 0.25], [-0.5, 0.75]]}, )"
                           R"("candidates": {"item": [1], "text": [[0.5, -1]]}, "scores": [)" +
                           number_text(score) + "]}\n";
  for (const Isa& isa : isas()) {
    if (isa.available) CHECK(check_isa(*model, path, isa.name, line, "golden", {1e-5, 1e-5}).failure == "");
  }
}

TEST_CASE("Trap 42: padding of numbers goes through their layer, whose bias it keeps", "[presets]") {
  const Network network = built(kRecipe);
  CHECK(network.features[1].sequence == 0);
  CHECK(network.features[1].pad_vector == Vector{0.5});
  CHECK(network.features[0].pad_vector.empty());
  CHECK(built(changed("projection_bias = \"text.bias\"\n", "") + "[ignore]\n\"text.bias\" = \"a test\"\n")
            .features[1]
            .pad_vector.empty());
}

TEST_CASE("A layer behind a table is multiplied into its rows, for all features that name both", "[presets]") {
  const Network network = built(changed("[[interest]]", R"([[feature]]
name = "bought"
role = "history"
table = "table"
projection = "proj.weight"
projection_bias = "proj.bias"
[[feature]]
name = "plain"
table = "table"
[[interest]])"));
  REQUIRE(network.tables.size() == 2);
  CHECK(network.tables[0].source.values() == Vector{2.75, 1.75, -4.75});
  CHECK(network.features[2].history_table == 0);
  CHECK(network.tables[static_cast<std::size_t>(network.features[3].table)].source.shape[1] == 2);
}

TEST_CASE("A mask over a history without ids is refused", "[presets]") {
  const std::string text = R"(preset = "generic"
layout = "out_in"
[history]
mask = "all_ids"
[[feature]]
name = "text"
dense = 2
history = true
[[interest]]
fields = ["text"]
normalizer = "raw"
layers = [ { weight = "att" } ]
[tower]
inputs = ["interest"]
layers = [ { weight = "top" } ]
)";
  CHECK_THROWS_MATCHES(built(text), Error,
                       MessageMatches(ContainsSubstring("looks at ids, and no column of that history has any")));
}

TEST_CASE("presets: a row of padding that no column of the history takes is refused", "[presets]") {
  const std::string own = changed("projection_bias = \"proj.bias\"\nhistory = true",
                                  "projection_bias = \"proj.bias\"\nhistory = true\npad_row = 1");
  CHECK_THROWS_MATCHES(
      built(own), Error,
      MessageMatches(ContainsSubstring("recipe.toml:4: every column of the history has a \"pad_row\"")));
  std::string without = own;
  CHECK(built(without.erase(without.find("pad_row = 2\n"), 12)).features[0].pad_row == 1);
}

TEST_CASE("presets: features of numbers that name one batch norm have its channels in their order", "[presets]") {
  Checkpoint from = checkpoint();
  from.tensors.push_back(memory_tensor("mean", {3}, {1, 2, 3}));
  from.tensors.push_back(memory_tensor("variance", {3}, {1, 4, 16}));
  const std::string norm = "batch_norm = { mean = \"mean\", variance = \"variance\", epsilon = 0.0 }\n";
  const std::string price = "[[feature]]\nname = \"price\"\ndense = 1\n" + norm;
  const auto features = [&](const std::string& instead) {
    const Recipe recipe = parse_recipe(changed("projection_bias = \"text.bias\"\nhistory = true\n", instead), "r.toml");
    Conversion conversion(from, recipe);
    build_network(conversion, choose_preset(from, recipe));
    return conversion.network.features;
  };
  const std::string text = "projection_bias = \"text.bias\"\nhistory = true\n" + norm;
  const std::vector<Feature> both = features(text + price);
  // (x - mean) / deviation, and for text 2 and 3 times that plus 0.5.
  CHECK(both[1].projection.value().weight.values == Vector{2, 1.5});
  CHECK(both[1].projection.value().bias == Vector{0.5 - 2 - 3});
  CHECK(both[1].pad_vector == Vector{0.5 - 2 - 3});
  CHECK(both[2].projection.value().weight.values == Vector{0.25});
  CHECK(both[2].projection.value().bias == Vector{-0.75});
  CHECK_THROWS_MATCHES(features(text), Error, MessageMatches(ContainsSubstring("mean: has the shape [3]; 2 numbers")));
}

}  // namespace dinghy::converter
