// `dinghy convert --compute` from the outside.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>

#include "dinghy/isa.h"
#include "tests/converter/commands/demo_options.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

/// Whether this machine runs one of these ISAs.
bool here(std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(isas(), [&](const Isa& isa) {
    return isa.available && std::ranges::find(names, std::string_view(isa.name)) != names.end();
  });
}

std::string compute_of(const std::string& model) {
  return nlohmann::json::parse(run_dinghy("inspect --json " + model).output).at("compute");
}

}  // namespace

TEST_CASE("A model that computes in integers says so, and passes its selftest within the tolerance that was measured",
          "[commands]") {
  for (const std::string compute : {"int16", "int8"}) {
    const TemporaryFolder folder;
    const std::string model = folder.path("m.dinghy");
    const CommandResult result = run_dinghy(kConvert + kCheck + "--compute " + compute + " -o " + model);
    INFO(result.output << result.errors);
    REQUIRE(result.status == 0);
    CHECK_THAT(result.output, ContainsSubstring("attention computed in " + compute));
    CHECK(compute_of(model) == compute);
    CHECK_THAT(run_dinghy("inspect " + model).output, ContainsSubstring("attention computed in " + compute));
    CHECK(run_dinghy("selftest " + model).status == 0);
  }
}

TEST_CASE("convert --compute and --eval report what the integers cost in scores and AUC, beside the tables",
          "[commands]") {
  const TemporaryFolder folder;
  const std::string report = folder.path("r.json");
  const CommandResult result = run_dinghy(kConvert + "--compute int8 --tables i8 " + kEval + "--report " + report +
                                          " -o " + folder.path("m.dinghy"));
  INFO(result.errors);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("attention alone in int8"));
  CHECK_THAT(result.output, ContainsSubstring("all tables, attention in int8"));
  const auto scores = nlohmann::json::parse(read_file(report)).at("scores");
  CHECK((scores.at("attention").at("max_distance").get<double>() > 0) == here({"sse4_2", "neon64_dotprod"}));
  CHECK(scores.at("attention").at("max_distance").get<double>() < 0.03);
}

TEST_CASE("convert --compute auto takes 16 bits where golden rows confirm them to 1e-5, and else floats",
          "[commands]") {
  const TemporaryFolder folder;
  const std::string model = folder.path("m.dinghy"), auto_to = " --compute auto -o " + model;
  const std::string confirmed = DINGHY_SOURCE_DIR "/tests/golden/deepctr-torch-sigmoid-bn/";
  const std::string convert = "convert " + confirmed + "model.pth --recipe " + confirmed + "recipe.toml";
  REQUIRE(run_dinghy(convert + " --check " + confirmed + "golden.jsonl" + auto_to).status == 0);
  CHECK(compute_of(model) == (here({"sse4_2"}) ? "int16" : "f32"));  // NEON has no such integers
  REQUIRE(run_dinghy(convert + auto_to).status == 0);
  CHECK(compute_of(model) == "f32");
  // The demo's attention is so sharp that 16 bits move a score by 1e-4.
  REQUIRE(run_dinghy(kConvert + kCheck + auto_to).status == 0);
  CHECK(compute_of(model) == "f32");
}

TEST_CASE("convert --compute auto takes bytes only where a limit on the AUC allows them, else 16 bits or floats",
          "[commands]") {
  const TemporaryFolder folder;
  const std::string model = folder.path("m.dinghy");
  REQUIRE(run_dinghy(kConvert + kEval + "--compute auto --max-auc-loss 0.01 -o " + model).status == 0);
  CHECK(compute_of(model) == (here({"sse4_2", "neon64_dotprod"}) ? "int8" : "f32"));
  // Below zero only a gain is allowed, which the exact model cannot have over itself.
  const CommandResult refused =
      run_dinghy(kConvert + kEval + "--compute auto --max-auc-loss=-1 -o " + folder.path("n.dinghy"));
  CHECK(refused.status == 1);
  CHECK_THAT(refused.errors, ContainsSubstring("more than --max-auc-loss -1"));
  CHECK_FALSE(std::filesystem::exists(folder.path("n.dinghy")));
}

TEST_CASE("convert --compute with an unknown word lists those that there are", "[commands]") {
  const TemporaryFolder folder;
  const CommandResult result = run_dinghy(kConvert + "--compute int4 -o " + folder.path("m.dinghy"));
  CHECK(result.status == 1);
  CHECK_THAT(result.errors, ContainsSubstring("no arithmetic 'int4'; there are f32, int16, int8 and auto"));
}

}  // namespace dinghy::converter
