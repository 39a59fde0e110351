// The words of a generic recipe, on a small network of features item (width 2), category (1) and user (3).
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/golden/check.h"
#include "converter/model_file/writer.h"
#include "converter/presets/attention_parts.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_inputs.h"
#include "tests/converter/memory_tensor.h"
#include "tests/converter/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

Checkpoint small_checkpoint() {
  const std::vector<float> weights(12, 0.5f);
  return memory_checkpoint({memory_tensor("item", {2, 2}, {1, 2, 3, 4}), memory_tensor("category", {2, 1}, {5, 6}),
                            memory_tensor("user", {2, 3}, {1, 2, 3, 4, 5, 6}), memory_tensor("att", {1, 12}, weights),
                            memory_tensor("top", {1, 9}, {1, 2, 3, 4, 5, 6, 7, 8, 9})});
}

std::string recipe_text(const std::string& inputs, const std::string& more = {}) {
  return R"(preset = "generic"
layout = "out_in"
feature = [
  { name = "item", table = "item", history = true },
  { name = "category", table = "category", history = true },
  { name = "user", role = "user", table = "user" },
]
interest = [ { fields = ["item", "category"], normalizer = "softmax", layers = [ { weight = "att" } ] } ]
tower = { inputs = [)" +
         inputs + R"(], layers = [ { weight = "top" } ] }
)" + more;
}

Network build_generic(const std::string& text) {
  const Checkpoint checkpoint = small_checkpoint();
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

void check_operand(const Operand& operand, format::Source source, std::uint32_t index, std::uint32_t begin,
                   std::uint32_t width) {
  CHECK(operand.source == source);
  CHECK(operand.index == index);
  CHECK(operand.begin == begin);
  CHECK(operand.width == width);
}

// Tables of one number, a tower that passes the interest on: the score is the interest itself.
Checkpoint interest_checkpoint() {
  return memory_checkpoint({memory_tensor("item", {4, 1}, {0, 0.5, 1, 3}), memory_tensor("att", {1, 4}, {1, 2, 3, 4}),
                            memory_tensor("top", {1, 1}, {1}), memory_tensor("item_b", {4, 1}, {0, 0.25, 0, 0})});
}

std::string interest_recipe(const std::string& keys, const std::string& head) {
  return R"(preset = "generic"
layout = "out_in"
feature = [ { name = "item", table = "item", history = true } ]
interest = [ { fields = ["item"], layers = [ { weight = "att" } ], )" +
         keys + R"( } ]
tower = { inputs = ["interest"], layers = [ { weight = "top" } ] }
)" + head;
}

// The score of item 1 after the history 1, 2, 3.
std::string failure_of(const std::string& recipe_text, double score,
                       const Checkpoint& checkpoint = interest_checkpoint()) {
  const Recipe recipe = parse_recipe(recipe_text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  const TemporaryFolder folder;
  const std::string path = folder.path("m.dinghy");
  write_model(conversion.network, Provenance{}, GoldenRows{}, path);
  const Result<Model> model = Model::open(path.c_str());
  const std::string line = R"({"user": {}, "history": {"item": [1, 2, 3]}, "candidates": {"item": [1]}, "scores": [)" +
                           std::to_string(score) + "]}\n";
  return check_isa(*model, path, "reference", line, "golden", {1e-6, 1e-6}).failure;
}

}  // namespace

TEST_CASE("Trap 14: after a softmax over the wrong axis every weight is 1, and a mean divides by the length",
          "[presets]") {
  const std::string head = "[head]\nlink = \"identity\"\n[ignore]\nitem_b = \"not here\"\n";
  CHECK(failure_of(interest_recipe(R"(normalizer = "one")", head), 4.5) == "");
  CHECK(failure_of(interest_recipe(R"(normalizer = "one", pooling = "mean")", head), 1.5) == "");
}

TEST_CASE("Trap 18: a number for each item that is added to the logit is neither forgotten nor dropped", "[presets]") {
  const std::string keys = R"(normalizer = "one")";
  CHECK_THROWS_MATCHES(failure_of(interest_recipe(keys, "[head]\nlink = \"identity\"\n"), 4.75), Error,
                       MessageMatches(ContainsSubstring("no use known for item_b[4, 1]")));
  const std::string head = "head = { link = \"identity\", biases = [ { feature = \"item\", table = \"item_b\" } ] }\n";
  CHECK(failure_of(interest_recipe(keys, head), 4.75) == "");
}

TEST_CASE("Trap 31: training that padded before the behaviours gives the last one the last position", "[presets]") {
  // The logit is -k, PReLU multiplies it by the alpha of the position, and the weights are raw.
  Checkpoint checkpoint = interest_checkpoint();
  checkpoint.tensors[1] = memory_tensor("att", {1, 4}, {0, -1, 0, 0});
  checkpoint.tensors.push_back(memory_tensor("alpha", {4, 1}, {1, 10, 100, 1000}));
  checkpoint.tensors.push_back(memory_tensor("one", {1, 1}, {1}));
  const auto recipe = [](const std::string& side) {
    return "preset = \"generic\"\nlayout = \"out_in\"\n[history]\nmax_length = 4\npad_side = \"" + side + R"("
[[feature]]
name = "item"
table = "item"
history = true
[[interest]]
fields = ["item"]
normalizer = "raw"
layers = [ { weight = "att", activation = { kind = "prelu_position", alpha = "alpha" } }, { weight = "one" } ]
[tower]
inputs = ["interest"]
layers = [ { weight = "top" } ]
[head]
link = "identity"
[ignore]
item_b = "not here"
)";
  };
  CHECK(failure_of(recipe("right"), -(1 * 0.25 + 10 * 1 + 100 * 9), checkpoint) == "");
  CHECK(failure_of(recipe("left"), -(10 * 0.25 + 100 * 1 + 1000 * 9), checkpoint) == "");
}

TEST_CASE("Trap 12: what no tensor tells, softmax or raw weights, a generic recipe has to say", "[presets]") {
  const std::string head = "[head]\nlink = \"identity\"\n[ignore]\nitem_b = \"not here\"\n";
  CHECK_THROWS_MATCHES(failure_of(interest_recipe("scale = 1", head), 0), Error,
                       MessageMatches(ContainsSubstring("an interest needs \"normalizer\"")));
}

TEST_CASE("A tower input is features, interests, sums over the history, and products cut where vectors end",
          "[presets]") {
  const Network network =
      build_generic(recipe_text(R"("user", "interest*[item, category]", "sum:item", "mean:category")"));
  REQUIRE(network.tower_parts.size() == 5);
  check_operand(network.tower_parts[0].operand, format::Source::feature, 2, 0, 3);
  check_operand(network.tower_parts[1].operand, format::Source::interest, 0, 0, 2);
  REQUIRE(network.tower_parts[1].times);
  check_operand(*network.tower_parts[1].times, format::Source::feature, 0, 0, 2);
  check_operand(network.tower_parts[2].operand, format::Source::interest, 0, 2, 1);
  REQUIRE(network.tower_parts[2].times);
  check_operand(*network.tower_parts[2].times, format::Source::feature, 1, 0, 1);
  check_operand(network.tower_parts[3].operand, format::Source::history_sum, 0, 0, 2);
  check_operand(network.tower_parts[4].operand, format::Source::history_mean, 1, 0, 1);
}

TEST_CASE("A tower input may be some numbers of a vector", "[presets]") {
  const Network network = build_generic(recipe_text(R"("user[1:3]", "interest[2:3]*category", "sum:item[0:1]", "user",
                                                      "item")"));
  REQUIRE(network.tower_parts.size() == 5);
  check_operand(network.tower_parts[0].operand, format::Source::feature, 2, 1, 2);
  check_operand(network.tower_parts[1].operand, format::Source::interest, 0, 2, 1);
  check_operand(network.tower_parts[2].operand, format::Source::history_sum, 0, 0, 1);
}

TEST_CASE("A tower input that means nothing is an error at its line", "[presets]") {
  const auto fails_with = [](const std::string& inputs, const std::string& message) {
    CHECK_THROWS_MATCHES(build_generic(recipe_text(inputs)), Error, MessageMatches(ContainsSubstring(message)));
  };
  fails_with(R"("usr")", "(did you mean \"user\"?); this checkpoint has item, category, user");
  fails_with(R"("item*user")", "recipe.toml:9: the input \"item*user\" multiplies 2 numbers with 3");
  fails_with(R"("item[1:3]")", "is cut outside its 2 numbers");
  fails_with(R"("item[1:1]")", "is cut outside its 2 numbers");
  fails_with(R"("item[-1:1]")", "is cut outside its 2 numbers");
  fails_with(R"("item[1]")", "has to be cut like item[0:8]");
  fails_with(R"("sum:user")", "which is no column of the history");
  fails_with(R"("user*user*user")", "more than two factors");
  fails_with(R"("user")", "model.npz: top: takes 9 numbers and gives 1, but [tower] inputs, side by side, has 3");
}

TEST_CASE("presets: a table of a generic recipe is some rows of a tensor", "[presets]") {
  const auto recipe = [](const std::string& rows) {
    return R"(preset = "generic"
layout = "out_in"
table = [ { name = "brand", tensor = "item", rows = 1 }, { name = "shop", tensor = "item", first_row = )" +
           rows + R"( } ]
feature = [ { name = "b", table = "brand", history = true }, { name = "s", table = "shop", history = true } ]
interest = [ { fields = ["b"], normalizer = "one", score = "dot" } ]
tower = { inputs = ["b", "s", "interest"], layers = [ { weight = "top" } ] }
)";
  };
  Checkpoint checkpoint = small_checkpoint();
  checkpoint.tensors = {numbered_tensor("item", {5, 3}, 0), ones("top", {1, 9})};
  const auto tables_of = [&](const std::string& text) {
    const Recipe said = parse_recipe(text, "recipe.toml");
    Conversion conversion(checkpoint, said);
    build_network(conversion, choose_preset(checkpoint, said));
    return conversion.network.tables;
  };
  const std::vector<Table> tables = tables_of(recipe("3, rows = 2"));
  REQUIRE(tables.size() == 2);
  CHECK(tables[0].source.values() == std::vector<double>{0, 1, 2});
  CHECK(tables[1].source.values() == std::vector<double>{9, 10, 11, 12, 13, 14});
  CHECK_THROWS_MATCHES(tables_of(recipe("3, rows = 3")), Error,
                       MessageMatches(ContainsSubstring("\"shop\" ends behind the last row of \"item\", which has 5")));
  CHECK_THROWS_MATCHES(tables_of(recipe("-1, rows = 3")), Error,
                       MessageMatches(ContainsSubstring("a table has \"rows\"")));
}

TEST_CASE("presets: an epsilon of each channel counts as often as there are channels", "[presets]") {
  Checkpoint checkpoint = interest_checkpoint();
  checkpoint.tensors[1] = ones("att", {3, 4});
  checkpoint.tensors.push_back(zeros("alpha", {3}));
  checkpoint.tensors.push_back(ones("logit", {1, 3}));
  const auto epsilon_of = [&](const std::string& key) {
    const Recipe recipe = parse_recipe(R"(preset = "generic"
layout = "out_in"
feature = [ { name = "item", table = "item", history = true } ]
tower = { inputs = ["interest"], layers = [ { weight = "top" } ] }
ignore = { item_b = "not here" }
[[interest]]
fields = ["item"]
normalizer = "raw"
layers = [ { weight = "att", activation = { kind = "row_dice", alpha = "alpha", epsilon = 0.5)" +
                                           key + R"( } }, { weight = "logit" } ])",
                                       "recipe.toml");
    Conversion conversion(checkpoint, recipe);
    build_network(conversion, choose_preset(checkpoint, recipe));
    return conversion.network.interests[0].layers[0].activation.epsilon;
  };
  CHECK(epsilon_of("") == 0.5);
  CHECK(epsilon_of(", each_channel = true") == 1.5);
}

TEST_CASE("presets: a name that a feature and an interest share has to say which it means", "[presets]") {
  const auto with_shared_name = [](const std::string& inputs) {
    std::string text = recipe_text(inputs);
    return text.replace(text.find("name = \"user\""), 13, "name = \"interest\"");
  };
  CHECK_THROWS_MATCHES(build_generic(with_shared_name(R"("item", "interest", "category")")), Error,
                       MessageMatches(ContainsSubstring(
                           "\"interest\" is a feature and an interest; write feature:interest or interest:interest")));
  const Network network =
      build_generic(with_shared_name(R"("item", "feature:interest", "interest:interest", "category")"));
  check_operand(network.tower_parts.at(1).operand, format::Source::feature, 2, 0, 3);
  check_operand(network.tower_parts.at(2).operand, format::Source::interest, 0, 0, 3);
  CHECK_THROWS_MATCHES(build_generic(recipe_text(R"("item", "interest:user", "category", "user")")), Error,
                       MessageMatches(ContainsSubstring("names an interest that there is not")));
  CHECK_THROWS_MATCHES(build_generic(recipe_text(R"("item", "mlp:user", "category", "user")")), Error,
                       MessageMatches(ContainsSubstring("names an MLP that there is not before it")));
}

TEST_CASE("presets: tables lie in the order of [[table]], then where features name them", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  checkpoint.tensors = {ones("a", {2, 1}), ones("b", {2, 1}), ones("bought a", {2, 1}), ones("bought b", {2, 1}),
                        ones("top", {1, 2})};
  const auto order = [&](const std::string& tables) {
    const Recipe recipe = parse_recipe(R"(preset = "generic"
layout = "out_in"
feature = [ { name = "a", table = "a", history = true, history_table = "bought a" },
            { name = "b", table = "b", history = true, history_table = "bought b" } ]
interest = [ { fields = ["a"], normalizer = "one", score = "dot" } ]
tower = { inputs = ["b", "interest"], layers = [ { weight = "top" } ] }
)" + tables,
                                       "recipe.toml");
    Conversion conversion(checkpoint, recipe);
    build_network(conversion, choose_preset(checkpoint, recipe));
    std::vector<std::string> names;
    for (const Table& table : conversion.network.tables) names.push_back(table.source.name);
    return names;
  };
  using Names = std::vector<std::string>;
  CHECK(order("") == Names{"a", "bought a", "b", "bought b"});
  CHECK(order("[[table]]\nname = \"b\"\ntensor = \"b\"\n") == Names{"b", "a", "bought a", "bought b"});
  CHECK_THROWS_MATCHES(order("[[table]]\nname = \"c\"\ntensor = \"b\"\n"), Error,
                       MessageMatches(ContainsSubstring("no feature has the table \"c\"")));
}

TEST_CASE("presets: a generic recipe gives features other names in requests", "[presets]") {
  const Network network =
      build_generic(recipe_text(R"("item", "interest", "user", "category")", "[rename]\nitem = \"item_id\"\n"));
  CHECK(network.features[0].name == "item_id");
}

TEST_CASE("A tensor that a generic recipe does not name is an error, unless it is ignored with a reason", "[presets]") {
  Checkpoint checkpoint = small_checkpoint();
  checkpoint.tensors.push_back(memory_tensor("twin", {1}, {1}));
  const auto build = [&](const std::string& more) {
    const Recipe recipe = parse_recipe(recipe_text(R"("user", "item", "category", "interest")", more), "recipe.toml");
    Conversion conversion(checkpoint, recipe);
    build_network(conversion, choose_preset(checkpoint, recipe));
  };
  CHECK_THROWS_MATCHES(build(""), Error, MessageMatches(ContainsSubstring("no use known for twin[1]")));
  CHECK_NOTHROW(build("[ignore]\ntwin = \"trained by no loss\"\n"));
  CHECK_THROWS_MATCHES(build("[ignore]\ntwins = \"trained by no loss\"\n"), Error,
                       MessageMatches(ContainsSubstring("has no tensor \"twins\"")));
}

TEST_CASE("[ids] sets what an id without a row does, and refuses a row that there is not", "[presets]") {
  const std::string inputs = R"("user", "item", "category", "interest")";
  const Network network = build_generic(recipe_text(inputs, "[ids.user]\nfirst = 1\nmissing = \"row\"\nrow = 1\n"));
  CHECK(network.tables[2].first_id == 1);
  CHECK(network.tables[2].missing == format::MissingId::row);
  CHECK(network.tables[2].missing_row == 1);
  CHECK_THROWS_MATCHES(build_generic(recipe_text(inputs, "[ids.user]\nmissing = \"row\"\nrow = 2\n")), Error,
                       MessageMatches(ContainsSubstring("has no row 2, only rows 0 to 1")));
  CHECK_THROWS_MATCHES(build_generic(recipe_text(inputs, "[ids.usr]\nfirst = 1\n")), Error,
                       MessageMatches(ContainsSubstring("[ids] names the feature \"usr\"")));
}

TEST_CASE("Attention parts in any order and sign become q, k, q-k, q*k", "[presets]") {
  Matrix weight{4, 2, {1, 2, 3, 4, 5, 6, 7, 8}};
  order_parts(weight, {"k", "q", "k-q", "k*q"}, 1, "recipe.toml:1");
  CHECK(weight.values == Vector{3, 4, 1, 2, -5, -6, 7, 8});
  Matrix two{2, 1, {1, 2}};
  order_parts(two, {"q*k", "k"}, 1, "recipe.toml:1");
  CHECK(two.values == Vector{0, 2, 0, 1});
  CHECK_THROWS_MATCHES(order_parts(two, {"q", "v"}, 1, "recipe.toml:1"), Error,
                       MessageMatches(ContainsSubstring("recipe.toml:1: \"parts\" has \"v\"")));
  CHECK_THROWS_MATCHES(order_parts(two, {"q-k", "k-q"}, 1, "recipe.toml:1"), Error,
                       MessageMatches(ContainsSubstring("\"k-q\" twice")));
}

}  // namespace dinghy::converter
