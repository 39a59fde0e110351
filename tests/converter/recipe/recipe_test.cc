#include "converter/recipe/recipe.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "tests/converter/commands/command.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

Recipe parse(const std::string& text) { return parse_recipe(text, "recipe.toml"); }

void fails_with(const std::string& text, const std::string& message) {
  INFO(text);
  CHECK_THROWS_MATCHES(parse(text), Error, MessageMatches(ContainsSubstring(message)));
}

}  // namespace

TEST_CASE("A recipe for a preset reads back as written", "[recipe]") {
  const Recipe recipe = parse(R"toml(preset = "deepctr-torch"
[inputs]
user = ["user_id"]
candidate = ["item_id", "price"]
history = ["item_id"]
dense = ["price:2"]
[rename]
item_id = "item"
[attention]
softmax = true
scale = "1/sqrt(width)"
activation = "sigmoid"
[tower]
activation = "relu"
[epsilon]
dice = 1e-9
[history]
max_length = 50
keep = "first"
empty = "pad_row"
[ids.item_id]
first = 1
missing = "row"
row = 7
[ignore]
"optimizer.step" = "training only"
)toml");
  CHECK(recipe.preset == "deepctr-torch");
  CHECK(recipe.inputs.user == std::vector<std::string>{"user_id"});
  CHECK(recipe.inputs.dense == std::vector<std::string>{"price:2"});
  CHECK_FALSE(recipe.inputs.context);
  CHECK(recipe.rename.at("item_id") == "item");
  CHECK(recipe.attention.softmax == true);
  CHECK(recipe.attention.scale->by_key_width);
  CHECK(recipe.attention.activation == format::ActivationKind::sigmoid);
  CHECK(recipe.tower.activation == format::ActivationKind::relu);
  CHECK(recipe.epsilon.dice == 1e-9);
  CHECK_FALSE(recipe.epsilon.batch_norm);
  CHECK(recipe.history.max_length == 50u);
  CHECK(recipe.history.keep == format::Keep::first);
  CHECK(recipe.history.empty == format::EmptyHistory::pad_row);
  CHECK(recipe.ids.at("item_id").first == 1);
  CHECK(recipe.ids.at("item_id").row == 7u);
  CHECK(recipe.ignore.at("optimizer.step") == "training only");
}

TEST_CASE("An unknown key is an error with its line, a suggestion and the valid keys", "[recipe]") {
  fails_with("\n[atention]\nsoftmax = true\n",
             "recipe.toml:2: unknown key \"atention\" (did you mean \"attention\"?); valid here: attention, epsilon, "
             "head, history, ids, ignore, inputs, packed, preset, rename, tower");
  fails_with("[attention]\nsoft_max = true\n", "recipe.toml:2: unknown key \"soft_max\" in [attention]");
  fails_with("[ids.item]\nfist = 1\n", "recipe.toml:2: unknown key \"fist\" in [ids.item]");
}

TEST_CASE("A value of the wrong type is an error with its line and the right one", "[recipe]") {
  fails_with("preset = 3\n", "recipe.toml:1: \"preset\" has to be a text in quotes");
  fails_with("[attention]\nsoftmax = \"yes\"\n", "recipe.toml:2: \"softmax\" has to be true or false");
  fails_with("[inputs]\nuser = \"user\"\n", "recipe.toml:2: \"user\" has to be a list of texts");
  fails_with("[inputs]\nuser = [1]\n", "\"user\" has to be a list of texts");
  fails_with("[epsilon]\ndice = true\n", "\"dice\" has to be a number");
  fails_with("attention = 3\n", "\"attention\" has to be a table");
  fails_with("[history]\nmax_length = 1.5\n", "\"max_length\" has to be an integer");
}

TEST_CASE("A word or number that means nothing is an error with those that do", "[recipe]") {
  fails_with("[attention]\nscale = \"1/sqrt(d)\"\n", "it has to be one of 1/sqrt(width)");
  fails_with("[history]\nkeep = \"lst\"\n",
             "\"keep\" is \"lst\" (did you mean \"last\"?); it has to be one of last, first");
  fails_with("[history]\nmax_length = 0\n", "from 1 to 65536");
  fails_with("[ids.item]\nrow = 3\n", "\"row\" and missing = \"row\" belong together");
  fails_with("[ids.item]\nmissing = \"row\"\n", "belong together");
  fails_with("[ids.item]\nmissing = \"row\"\nrow = -1\n", "from 0");
}

TEST_CASE("What is no TOML is an error with its line", "[recipe]") {
  fails_with("preset = \"seed\"\n[history\n", "recipe.toml:2: is no TOML");
}

TEST_CASE("A generic recipe needs what no tensor tells", "[recipe]") {
  fails_with("layout = \"out_in\"\n", "needs preset = \"generic\"");
  fails_with("preset = \"generic\"\n", "needs \"layout\"");
  const std::string start = "preset = \"generic\"\nlayout = \"in_out\"\n";
  fails_with(start, "needs [tower]");
  fails_with(start + "[[interest]]\nfields = [\"item\"]\nlayers = [{ weight = \"w\" }]\n",
             "recipe.toml:3: an interest needs \"normalizer\"");
  fails_with(start + "[[feature]]\nname = \"item\"\n", "either \"table\" or \"dense\"");
  fails_with(start + "[tower]\ninputs = [\"a\"]\nlayers = [{ weight = \"w\", activation = \"dice\" }]\n",
             "this activation has parameters");
  fails_with(
      start +
          "[tower]\ninputs = [\"a\"]\nlayers = [{ weight = \"w\", batch_norm = { mean = \"m\", variance = \"v\" } }]\n",
      "needs \"epsilon\"");
  fails_with(start + "[inputs]\nuser = []\n[tower]\ninputs = [\"a\"]\nlayers = [{ weight = \"w\" }]\n",
             "unknown key \"inputs\"");
}

TEST_CASE("Trap 40: a key of a generic recipe that its feature cannot have is an error", "[recipe]") {
  const std::string start = "preset = \"generic\"\nlayout = \"in_out\"\n[[feature]]\nname = \"item\"\n";
  const std::string dense = start + "dense = 1\n", table = start + "table = \"t\"\n";
  fails_with(dense + "role = \"user\"\nhistory = true\n", "recipe.toml:7: a column of a history is a feature of the");
  fails_with(dense + "role = \"history\"\nhistory = false\n", "recipe.toml:7: a column of a history");
  fails_with(dense + "history = true\npad_row = 3\n", "unknown key \"pad_row\"");
  fails_with(dense + "history = true\npad_id = 3\n", "unknown key \"pad_id\"");
  fails_with(dense + "bag = \"mean\"\n", "unknown key \"bag\"");
  fails_with(dense + "projection_bias = \"b\"\n", "unknown key \"projection_bias\"");
  fails_with(table + "projection_bias = \"b\"\n", "unknown key \"projection_bias\"");
  const std::string projected = table + "projection = \"w\"\n";
  fails_with(projected + "projection_bias = \"b\"\nbag = \"sum\"\n",
             "recipe.toml:7: a bag's \"projection\" has no bias");
  fails_with(projected + "history = true\nhistory_table = \"u\"\n", "recipe.toml:8: a table of the history's own");
  fails_with(table + "history_table = \"t\"\n", "unknown key \"history_table\"");
  fails_with(table + "pad_row = 3\n", "unknown key \"pad_row\"");
  fails_with(table + "pad_id = 3\n", "unknown key \"pad_id\"");
  const std::string dot =
      "preset = \"generic\"\nlayout = \"in_out\"\n[[interest]]\nfields = [\"item\"]\nnormalizer = \"raw\"\n";
  fails_with(dot + "score = \"dot\"\nparts = [\"q\"]\n", "unknown key \"parts\"");
}

TEST_CASE("Every recipe that the manual shows is one", "[recipe]") {
  const std::string manual = read_file(DINGHY_SOURCE_DIR "/docs/recipes.md");
  const std::string start = "```toml\n";
  std::size_t count = 0;
  for (std::size_t begin = manual.find(start); begin != std::string::npos; begin = manual.find(start, begin)) {
    begin += start.size();
    const std::size_t end = manual.find("```", begin);
    INFO(manual.substr(begin, end - begin));
    CHECK_NOTHROW(parse(manual.substr(begin, end - begin)));
    begin = end;
    ++count;
  }
  CHECK(count >= 6);
}

}  // namespace dinghy::converter
