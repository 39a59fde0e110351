// [ids.FEATURE] of a recipe: vocabularies and hashes, on one feature with a table of three rows.
#include "converter/presets/ids.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/presets/features.h"
#include "tests/converter/memory_tensor.h"
#include "tests/converter/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

using Rows = std::vector<std::pair<std::int64_t, std::uint64_t>>;
using StringRows = std::vector<std::pair<std::string, std::uint64_t>>;

/// The network with the table of "item", whose [ids.item] has these lines; the recipe lies in `folder`.
Network with_ids(const TemporaryFolder& folder, const std::string& lines) {
  const Checkpoint checkpoint =
      memory_checkpoint({memory_tensor("item", {3, 2}, {1, 2, 3, 4, 5, 6}), memory_tensor("bias", {3}, {7, 8, 9})});
  const Recipe recipe = parse_recipe("[ids.item]\n" + lines, folder.path("recipe.toml"));
  Conversion conversion(checkpoint, recipe);
  const int table = add_table(conversion, "item", "item");
  add_bias(conversion, "bias", add_id_feature(conversion, "item", format::Role::candidate, table));
  return conversion.network;
}

Vocabulary vocabulary_of(const std::string& text) {
  const TemporaryFolder folder;
  folder.write("items.tsv", text);
  const Network network = with_ids(folder, "vocabulary = \"items.tsv\"");
  CHECK(network.tables[0].vocabulary == 0);
  CHECK(network.tables[1].vocabulary == 0);
  REQUIRE(network.vocabularies.size() == 1);
  return network.vocabularies[0];
}

void fails_with(const std::string& text, const std::string& message) {
  INFO(text);
  CHECK_THROWS_MATCHES(vocabulary_of(text), Error, MessageMatches(ContainsSubstring(message)));
}

}  // namespace

TEST_CASE("A vocabulary beside the recipe has an id and a row a line, or an id alone", "[presets]") {
  CHECK(vocabulary_of("1001\t2\n-5\t0\r\n9223372036854775807\t2\n").int64_rows ==
        Rows{{1001, 2}, {-5, 0}, {9223372036854775807, 2}});
  CHECK(vocabulary_of("1001\n-5").int64_rows == Rows{{1001, 0}, {-5, 1}});
  CHECK(vocabulary_of("1001\n-5").name == "items.tsv");
}

TEST_CASE("A vocabulary with an id that is no whole number of 64 bits has strings", "[presets]") {
  CHECK(vocabulary_of("1001\t1\nB00A 3\t2\n").string_rows == StringRows{{"1001", 1}, {"B00A 3", 2}});
  CHECK(vocabulary_of("9223372036854775808\n7\n").string_rows == StringRows{{"9223372036854775808", 0}, {"7", 1}});
  CHECK(vocabulary_of("a\n7\n").int64_rows.empty());
}

TEST_CASE("A vocabulary that cannot be right is an error with its line", "[presets]") {
  fails_with("a\t0\nb\t1\na\t2\n", "items.tsv:3: the id is there twice, first in line 1");
  fails_with("7\t0\n007\t1\n", "items.tsv:2: the id is there twice, first in line 1");
  fails_with("a\t0\nb\t3\n", "items.tsv:2: row 3 is not in the table of \"item\", which has rows 0 to 2");
  fails_with("a\nb\nc\nd\n", "items.tsv:4: row 3 is not in the table");
  fails_with("a\t0\nb\n", "items.tsv:2: has to be an id, a tab and a row");
  fails_with("a\nb\t1\n", "items.tsv:2: has to be an id");
  fails_with("a\t0\t1\n", "items.tsv:1: has to be an id, a tab and a row");
  fails_with("a\n\nb\n", "items.tsv:2: has to be an id");
  fails_with("a\t-1\n", "items.tsv:1: \"-1\" is no row");
  fails_with("", "items.tsv: holds no ids");
}

TEST_CASE("A vocabulary that is not there is an error with its path", "[presets]") {
  const TemporaryFolder folder;
  CHECK_THROWS_MATCHES(with_ids(folder, "vocabulary = \"users.tsv\""), Error,
                       MessageMatches(ContainsSubstring(folder.path("users.tsv") + ": cannot be opened")));
}

TEST_CASE("A hash has the rows of the table as buckets unless the recipe gives fewer", "[presets]") {
  const TemporaryFolder folder;
  const Table plain = with_ids(folder, "hash = \"farmhash64\"").tables[0];
  CHECK(plain.hash == format::IdHash::farmhash64_decimal);
  CHECK(plain.hash_buckets == 3);
  const Table fewer = with_ids(folder, "hash = \"farmhash64_keep_zero\"\nbuckets = 2").tables[0];
  CHECK(fewer.hash == format::IdHash::farmhash64_decimal_keep_zero);
  CHECK(fewer.hash_buckets == 2);
}

TEST_CASE("Ways from an id to a row that exclude each other are an error", "[presets]") {
  const TemporaryFolder folder;
  const auto refuses = [&](const std::string& lines, const std::string& message) {
    INFO(lines);
    CHECK_THROWS_MATCHES(with_ids(folder, lines), Error, MessageMatches(ContainsSubstring(message)));
  };
  refuses("hash = \"farmhash64\"\nbuckets = 4", "\"buckets\" is 4, but the table of \"item\" has only 3 rows");
  refuses("hash = \"farmhash64_keep_zero\"\nbuckets = 1", "needs two buckets or more");
  refuses("buckets = 3", "recipe.toml:2: \"buckets\" belongs to \"hash\"");
  refuses("hash = \"md5\"", "has to be one of farmhash64, farmhash64_keep_zero");
  for (const std::string other : {"first = 1", "hash = \"farmhash64\"", "missing = \"clamp\""}) {
    refuses("vocabulary = \"items.tsv\"\n" + other, "with \"vocabulary\" there is no \"first\"");
  }
}

TEST_CASE("The recipe's way from an id to a row goes before the vocabulary that a preset found", "[presets]") {
  const auto vocabulary_with = [](const std::string& text, std::uint64_t row) {
    const Checkpoint checkpoint = memory_checkpoint({memory_tensor("item", {3, 2}, {1, 2, 3, 4, 5, 6})});
    const Recipe recipe = parse_recipe(text, "recipe.toml");
    Conversion conversion(checkpoint, recipe);
    use_vocabulary(conversion, add_table(conversion, "item", "item"), "item", {"found", {{10, row}}, {}});
    return conversion.network.tables[0].vocabulary;
  };
  CHECK(vocabulary_with("", 2) == 0);
  CHECK(vocabulary_with("[ids.item]\nmissing = \"zero\"\n", 2) == 0);
  CHECK(vocabulary_with("[ids.item]\nfirst = 1\n", 2) == -1);
  CHECK_THROWS_MATCHES(
      vocabulary_with("", 3), Error,
      MessageMatches(ContainsSubstring("found: a vocabulary gives row 3, the table of \"item\" has only")));
  CHECK_THROWS_MATCHES(vocabulary_with("[ids.item]\nmissing = \"clamp\"\n", 2), Error,
                       MessageMatches(ContainsSubstring("no nearest row")));
}

}  // namespace dinghy::converter
