// Texts that nest a million deep: what reads or copies them by recursion would run out of stack.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/presets/codes/fuxictr_log.h"
#include "converter/presets/codes/fuxictr_vocabularies.h"
#include "converter/presets/keras_graph.h"
#include "converter/recipe/recipe_table.h"
#include "converter/requests/requests.h"
#include "converter/text/protobuf_text.h"

namespace dinghy::converter {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

const std::string kDeep = std::string(1'000'000, '[') + std::string(1'000'000, ']');

template <class Read>
void check_refused(Read read, const std::string& named) {
  CHECK_THROWS_MATCHES(read(), Error, MessageMatches(ContainsSubstring(named)));
}

/// A checkpoint with nothing but this document.
Checkpoint with_document(const std::string& name, const std::string& text) {
  Checkpoint checkpoint;
  checkpoint.documents.push_back({name, name, text});
  return checkpoint;
}

}  // namespace

TEST_CASE("A request that nests a million deep is refused by its line, wherever it does", "[converter]") {
  for (const std::string& line : {kDeep, "{\"user\": " + kDeep + "}", "{\"label\": [" + kDeep + "]}"}) {
    check_refused([&] { return parse_request({}, line, "r.jsonl:7"); }, "r.jsonl:7: nests deeper than 64");
  }
}

TEST_CASE("A configuration of Keras that nests a million deep is refused", "[converter]") {
  const std::string config =
      R"({"config": {"layers": [{"class_name": "Dense", "config": {"name": "a", "units": )" + kDeep + "}}]}}";
  check_refused([&] { return keras_graph(with_document("model_config", config)); }, "model_config: nests deeper");
}

TEST_CASE("FuxiCTR's vocabularies and logs that nest a million deep are refused", "[converter]") {
  check_refused([&] { return read_feature_vocabularies({"v.json", "v.json", "{\"a\": " + kDeep + "}"}); },
                "v.json: nests deeper");
  const std::string log = "Params: {\"din_target_field\": \"" + kDeep + "\", \"din_sequence_field\": \"[]\"}";
  check_refused([&] { return read_fuxictr_log(with_document("a.log", log)); }, "log of FuxiCTR: nests deeper");
}

TEST_CASE("A recipe that nests a million deep is refused by its line", "[converter]") {
  std::string dots = "a";
  for (int i = 0; i < 1'000'000; ++i) dots += ".a";
  for (const std::string& deep : {"b = " + kDeep, dots + " = 1", "[" + dots + "]", "[[" + dots + "]]"}) {
    check_refused([&] { return RecipeTable::parse("a = 1\n" + deep, "r.toml"); }, "r.toml:2: nests deeper than 64");
  }
}

TEST_CASE("A configuration in protobuf's text form that nests a million deep is refused", "[converter]") {
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "a{";
  check_refused([&] { return parse_protobuf_text(deep, "pipeline.config"); }, "nested deeper than 64");
}

}  // namespace dinghy::converter
