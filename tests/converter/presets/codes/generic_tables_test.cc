// Tables that a generic recipe makes of several, and queries that it cuts out of vectors.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

// The rows (1, 2), (3, 4), (5, 6) and 10, 20, 30.
Checkpoint checkpoint_of_tables(std::int64_t width) {
  return memory_checkpoint({numbered_tensor("wide", {3, 2}, 1), numbered_tensor("narrow", {3, 1}, 10, 10),
                            memory_tensor("weight", {1, 3}, {1, -1, 0.5}), memory_tensor("bias", {1}, {0.5}),
                            ones("top", {1, width})});
}

Network with_tables(const std::string& tables, std::int64_t width, const std::string& ignored) {
  const Checkpoint checkpoint = checkpoint_of_tables(width);
  const Recipe recipe = parse_recipe(R"(preset = "generic"
layout = "out_in"
)" + tables + R"([[feature]]
name = "item"
table = "made"
[tower]
inputs = ["item"]
layers = [ { weight = "top" } ]
[ignore]
)" + ignored,
                                     "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

Vector rows_of(const std::string& tables, std::int64_t width, const std::string& ignored) {
  return with_tables(tables, width, ignored).tables.at(0).source.values();
}

const std::string kBeside = "[[table]]\nname = \"made\"\nbeside = [\"wide\", \"narrow\"]\n";
const std::string kNoLayer = "weight = \"not here\"\nbias = \"not here\"\n";

// A query of one number out of the item's two, compared with a narrower or as wide column.
Network with_fields(const std::string& fields, const std::string& more = "") {
  const Checkpoint checkpoint =
      memory_checkpoint({numbered_tensor("wide", {3, 2}, 1), numbered_tensor("narrow", {3, 1}, 10, 10),
                         numbered_tensor("other", {3, 2}, 1), ones("top", {1, 2})});
  const Recipe recipe = parse_recipe(R"(preset = "generic"
layout = "out_in"
feature = [ { name = "item", table = "wide" }, { name = "seen", role = "history", table = "narrow" },
            { name = "a:b [c]", role = "history", table = "other" } ]
tower = { inputs = ["item"], layers = [ { weight = "top" } ] }
[[interest]]
score = "dot"
normalizer = "raw"
fields = [)" + fields + "]\n" + more,
                                     "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return conversion.network;
}

}  // namespace

TEST_CASE("presets: a table has the rows of others side by side, then goes through layers", "[presets]") {
  CHECK(rows_of(kBeside, 3, kNoLayer) == Vector{1, 2, 10, 3, 4, 20, 5, 6, 30});
  const std::string layers = "[[table.layers]]\nweight = \"weight\"\nbias = \"bias\"\nactivation = \"relu\"\n";
  CHECK(rows_of(kBeside + layers, 1, "") == Vector{4.5, 9.5, 14.5});
  const std::string dice = "[[table.layers]]\nweight = \"weight\"\nactivation = \"silu\"\n";
  CHECK_THROWS_MATCHES(rows_of(kBeside + dice, 1, ""), Error,
                       MessageMatches(ContainsSubstring("the layers of \"made\" have an activation with numbers")));
}

TEST_CASE("presets: a table is a sum of others, of which rows from one on count as zeros", "[presets]") {
  const std::string known = "[[table]]\nname = \"known\"\ntensor = \"wide\"\nzeros_from = 2\n";
  const std::string sum = "[[table]]\nname = \"made\"\nsum = [\"wide\", \"known\"]\n";
  const std::string ignored = kNoLayer + "narrow = \"not here\"\n";
  CHECK(rows_of(known + sum, 2, ignored) == Vector{2, 4, 6, 8, 5, 6});
  // A table is made of those before it.
  CHECK_THROWS_MATCHES(rows_of(sum + known, 2, ignored), Error, MessageMatches(ContainsSubstring("known")));
  CHECK_THROWS_MATCHES(rows_of("[[table]]\nname = \"made\"\nsum = [\"wide\", \"narrow\"]\n", 2, kNoLayer), Error,
                       MessageMatches(ContainsSubstring("\"made\" adds rows of 1 numbers to rows of 2")));
  CHECK_THROWS_MATCHES(
      rows_of("[[table]]\nname = \"made\"\nbeside = [\"wide\", \"weight\"]\n", 2, "bias = \"not here\"\n"), Error,
      MessageMatches(ContainsSubstring("is made of \"wide\" with 3 rows and \"weight\" with 1")));
}

TEST_CASE("presets: a table is a tensor's rows, several side by side, or a sum, one of them", "[presets]") {
  const auto fails = [](const std::string& keys, const std::string& message) {
    CHECK_THROWS_MATCHES(rows_of("[[table]]\nname = \"made\"\n" + keys, 3, kNoLayer), Error,
                         MessageMatches(ContainsSubstring(message)));
  };
  fails("beside = [\"wide\"]\nsum = [\"wide\"]\n", "either of rows \"beside\" each other or their \"sum\"");
  fails("beside = [\"wide\"]\ntensor = \"wide\"\n", "unknown key \"tensor\"");
  fails("beside = [\"wide\"]\nzeros_from = 1\n", "unknown key \"zeros_from\"");
  fails("", "\"tensor\"");
  fails("tensor = \"wide\"\nzeros_from = 0\n", "\"zeros_from\" is one of them, not the first");
}

TEST_CASE("presets: a query is cut out of the candidate's vector", "[presets]") {
  const Interest interest = with_fields(R"("item[1:2]:seen")").interests.at(0);
  REQUIRE(interest.query_layers.size() == 1);
  CHECK(interest.query_layers[0].weight.rows == 2);
  CHECK(interest.query_layers[0].weight.values == Vector{0, 1});
  const Network padded = with_fields(R"("item[1:2]:'a:b [c]'")", "pad_query = true\n");
  CHECK(padded.interests.at(0).query_layers.at(0).weight.values == Vector{0, 0, 1, 0});
  CHECK(padded.features[padded.interests[0].fields[0].key].name == "a:b [c]");
}

TEST_CASE("presets: a field that is cut wrongly is an error at its line", "[presets]") {
  const auto fails = [](const std::string& fields, const std::string& message) {
    CHECK_THROWS_MATCHES(with_fields(fields), Error, MessageMatches(ContainsSubstring(message)));
  };
  fails(R"("item[1:3]:seen")", "the field \"item[1:3]:seen\" is cut outside its 2 numbers");
  fails(R"("item[1:1]:seen")", "is cut outside its 2 numbers");
  fails(R"("item[1]:seen")", "recipe.toml:9: the field \"item[1]:seen\" has to be cut like item[0:8]");
  fails(R"("item:seen")", "have vectors of different widths");
  fails(R"("item[0:1]:'a:b [c]'")", "have vectors of different widths");
  fails(R"("item[0:1]:'seen")", "has quotes that do not stand around a name");
}

}  // namespace dinghy::converter
