// A recipe written as text reads back as the same recipe.
#include "converter/explanation/recipe_text.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/recipe/recipe.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

// Every section and key that a generic recipe has, with a value that is not the usual one.
const char* const kEverything = R"toml(preset = "generic"
layout = "in_out"
weights = "ema"
[[history]]
name = "clicks"
max_length = 7
keep = "first"
mask = "every_id"
pad_side = "left"
[[history]]
name = "buys"
[[table]]
name = "category"
tensor = "items"
first_row = 120
rows = 9
[[table]]
name = "seen"
tensor = "pretrained"
zeros_from = 100
[[table]]
name = "both"
beside = ["seen", "items"]
[[table.layers]]
weight = "narrow"
activation = "tanh"
[[table]]
name = "added"
sum = ["seen", "both"]
[[feature]]
name = "the \"user\""
role = "user"
table = "users"
bag = "mean"
[[feature]]
name = "hour"
role = "context"
dense = 24
projection = "hours"
projection_bias = "hours.bias"
[feature.batch_norm]
gamma = "hours.gamma"
mean = "hours.mean"
variance = "hours.variance"
epsilon = 1e-3
[[feature]]
name = "item"
table = "items"
history = "clicks"
history_table = "bought"
pad_row = -1
pad_id = 3
[[feature]]
name = "bought"
role = "history"
table = "items"
projection = "narrow"
history = "buys"
[[interest]]
name = "taste"
fields = ["item", "item:bought", "item[0:8]", "item[8:12]:bought"]
pad_query = true
parts = ["k", "k-q"]
scale = 0.25
normalizer = "softmax"
pooling = "mean"
pads = "zero_logit"
pad_to = 7
empty = "reject"
[[interest.query_layers]]
weight = "q"
activation = { kind = "leaky_relu", slope = 0.2 }
[[interest.layers]]
weight = "a"
bias = "a.bias"
activation = { kind = "dice", alpha = "alpha", mean = "m", deviation = "d" }
[interest.layers.input_batch_norm]
gamma = "g"
beta = "b"
mean = "m"
variance = "v"
epsilon = 1e-9
[[interest.layers]]
weight = "l"
[[interest.post_layers]]
weight = "p"
activation = { kind = "row_dice", alpha = "alpha", epsilon = 0.001, each_channel = true }
[[interest]]
name = "likeness"
fields = ["bought"]
score = "dot"
scale = "1/sqrt(width)"
normalizer = "one"
[[mlp]]
name = "deep"
inputs = ["item"]
[[mlp.layers]]
weight = "deep"
activation = "silu"
[[mlp.layers]]
activation = "tanh"
[tower]
inputs = ["deep", "taste*[item,hour]", "sum:bought:50", "mean:item", "item[0:8]", "interest:twice", "feature:twice"]
[[tower.layers]]
weight = "t"
activation = { kind = "prelu", alpha = "alpha" }
[tower.layers.batch_norm]
mean = "m"
variance = "v"
epsilon = 1e-3
[head]
positive_class = 1
link = "identity"
scale = 2
shift = -0.5
offset = 0.125
biases = [{ feature = "item", table = "item_b" }]
[rename]
item = "item_id"
[ids.item]
first = 1
missing = "row"
row = 7
[ids."the \"user\""]
vocabulary = "users.tsv"
missing = "zero"
[ids.bought]
hash = "farmhash64_keep_zero"
buckets = 100
[packed]
items = "i8h"
[ignore]
"teacher.*" = "another network"
)toml";

Recipe parse(const std::string& text) { return parse_recipe(text, "recipe.toml"); }

void check_equal(const Recipe& read, const Recipe& written) {
  CHECK(read.network == written.network);
  CHECK(read.weights == written.weights);
  CHECK(read.rename == written.rename);
  CHECK(read.packed == written.packed);
  CHECK(read.ignore == written.ignore);
  REQUIRE(read.ids.size() == written.ids.size());
  for (const auto& [feature, ids] : written.ids) {
    const IdsRecipe& said = read.ids.at(feature);
    CHECK(std::tie(said.first, said.missing, said.row, said.vocabulary, said.hash, said.buckets) ==
          std::tie(ids.first, ids.missing, ids.row, ids.vocabulary, ids.hash, ids.buckets));
  }
}

}  // namespace

TEST_CASE("explanation: a written recipe reads back as the same, every key of it", "[explanation]") {
  const Recipe recipe = parse(kEverything);
  const std::string text = recipe_text(recipe);
  INFO(text);
  check_equal(parse(text), recipe);
}

TEST_CASE("explanation: names stand in quotes where an input would be read otherwise", "[explanation]") {
  Recipe recipe = parse(kEverything);
  recipe.network->tower.inputs.clear();
  for (const char* name : {"a*b", "a b", "[a", "a]", "a,b", "sum:a", "a:b", "'", "it's", "''a' *'"}) {
    const VectorRecipe vector{.name = name, .of = VectorRecipe::Of::any, .cut = VectorRecipe::Cut{0, 2}};
    recipe.network->tower.inputs.push_back({.vectors = {vector}, .times = {vector, vector}});
    recipe.network->tower.inputs.push_back(
        {.vectors = {{.name = name, .of = VectorRecipe::Of::history_mean, .pad_to = 9}}});
  }
  const std::string text = recipe_text(recipe);
  INFO(text);
  check_equal(parse(text), recipe);
}

TEST_CASE("recipe: quotes in an input stand around a name, or are refused", "[recipe]") {
  for (const char* input : {"'a", "a'", "'a'b", "x'a b'", "'a'b'", "'", "interest:'a b", "'a b'*'c"}) {
    INFO(input);
    CHECK_THROWS_MATCHES(parse_tower_input(input, "recipe.toml:7"), Error,
                         MessageMatches(ContainsSubstring("has quotes that do not stand around a name")));
  }
}

TEST_CASE("explanation: a value that no recipe said is written with what says so", "[explanation]") {
  Recipe recipe = parse(kEverything);
  recipe.network->interests[0].normalizer.certainty = Certainty::assumed;
  CHECK_THAT(recipe_text(recipe),
             ContainsSubstring("normalizer = \"softmax\"") && ContainsSubstring("  # ASSUMED, nothing says so\n"));
}

}  // namespace dinghy::converter
