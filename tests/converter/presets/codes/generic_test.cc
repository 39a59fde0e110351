// The words of a generic recipe, on a small network of features item (width 2), category (1) and user (3).
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/presets/attention_parts.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_inputs.h"
#include "tests/converter/memory_tensor.h"

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

}  // namespace

TEST_CASE("A tower input is features, interests, sums over the history, and products cut where vectors end") {
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

TEST_CASE("A tower input that means nothing is an error at its line") {
  const auto fails_with = [](const std::string& inputs, const std::string& message) {
    CHECK_THROWS_MATCHES(build_generic(recipe_text(inputs)), Error, MessageMatches(ContainsSubstring(message)));
  };
  fails_with(R"("usr")", "(did you mean \"user\"?); this checkpoint has item, category, user");
  fails_with(R"("item*user")", "recipe.toml:9: the input \"item*user\" multiplies 2 numbers with 3");
  fails_with(R"("sum:user")", "which is no column of the history");
  fails_with(R"("user*user*user")", "more than two factors");
  fails_with(R"("user")", "model.npz: top: takes 9 numbers and gives 1, but [tower] inputs, side by side, has 3");
}

TEST_CASE("A tensor that a generic recipe does not name is an error, unless it is ignored with a reason") {
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

TEST_CASE("[ids] sets what an id without a row does, and refuses a row that there is not") {
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

TEST_CASE("Attention parts in any order and sign become q, k, q-k, q*k") {
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
