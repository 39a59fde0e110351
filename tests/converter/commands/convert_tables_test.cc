// `dinghy convert` with --tables, --budget and --eval from the outside.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/converter/commands/demo_options.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

std::uint64_t size_with(const std::string& options, const TemporaryFolder& folder) {
  const CommandResult result = run_dinghy(kConvert + options + " -o " + folder.path("m.dinghy"));
  INFO(result.errors);
  REQUIRE(result.status == 0);
  return std::filesystem::file_size(folder.path("m.dinghy"));
}

// Fails with one line that has `message`, and leaves nothing behind.
void fails_with(const std::string& options, const std::string& message) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("out"));
  const CommandResult result =
      run_dinghy(kConvert + options + " --report " + folder.path("out/r.json") + " -o " + folder.path("out/m.dinghy"));
  CHECK(result.status != 0);
  CHECK(result.output.empty());
  CHECK_THAT(result.errors, ContainsSubstring(message));
  CHECK(std::filesystem::is_empty(folder.path("out")));
}

}  // namespace

TEST_CASE("A model with tables of int8 passes its selftest within the tolerance that convert measured", "[commands]") {
  const TemporaryFolder folder;
  const std::string model = folder.path("m.dinghy");
  const CommandResult result = run_dinghy(kConvert + kCheck + "--tables i8 -o " + model);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("checked on reference: 50 golden rows, 150 scores within 1.4e-07"));
  CHECK_THAT(result.output, ContainsSubstring("a tolerance of 0.0023 for scores and 0.0029 for attention weights"));
  CHECK(run_dinghy("selftest " + model).status == 0);
  const std::string inspected = run_dinghy("inspect " + model).output;
  CHECK_THAT(inspected, ContainsSubstring("table item: i8, relative L2 error 0.0038, worst row 298 with 0.0075"));
  CHECK_THAT(inspected, ContainsSubstring("tolerance 0.0023, of attention weights 0.0029"));
}

TEST_CASE("Golden rows are checked before tables lose bits, so that a wrong recipe is not taken for a lossy table",
          "[commands]") {
  const TemporaryFolder folder;
  std::string recipe = read_file(kDemo + "recipe.toml");
  recipe.replace(recipe.find("\"softmax\""), 9, "\"raw\"");
  folder.write("r.toml", recipe);
  const CommandResult result = run_dinghy("convert " + kDemo + "checkpoint.pth --recipe " + folder.path("r.toml") +
                                          " " + kCheck + "--tables i4 -o " + folder.path("m.dinghy"));
  CHECK(result.status == 1);
  CHECK_THAT(result.errors, ContainsSubstring("does not score as expected, reference: score of "));
  CHECK_FALSE(std::filesystem::exists(folder.path("m.dinghy")));
}

TEST_CASE("Fewer bytes a number make a smaller file, and --tables f32 changes nothing but the report", "[commands]") {
  const TemporaryFolder folder;
  const std::uint64_t f32 = size_with("", folder);
  const std::string plain = read_file(folder.path("m.dinghy"));
  CHECK(size_with("--tables f32", folder) == f32);
  CHECK(read_file(folder.path("m.dinghy")) == plain);
  const std::uint64_t f16 = size_with("--tables f16", folder), i4 = size_with("--tables i4", folder);
  CHECK(f16 < f32);
  CHECK(i4 < f16);
}

TEST_CASE("A file keeps its budget, and the smallest size that the error names is one that can be had", "[commands]") {
  const TemporaryFolder folder;
  const std::uint64_t smallest = size_with(kCheck + "--tables i4", folder);
  CHECK(size_with(kCheck + "--budget 285KB", folder) <= 285'000);
  CHECK(size_with(kCheck + "--budget 275KB", folder) <= 275'000);
  CHECK(size_with(kCheck + "--budget " + std::to_string(smallest), folder) <= smallest);
  fails_with(kCheck + "--budget " + std::to_string(smallest - 1),
             "--budget: the smallest file of this model has " + std::to_string(smallest) + " bytes");
}

TEST_CASE("With --eval all tables and each alone are measured, in the report and in the notes", "[commands]") {
  const TemporaryFolder folder;
  const CommandResult result =
      run_dinghy(kConvert + kEval + "--tables i8,category=f32 --max-auc-loss 1e-4 --report " + folder.path("r.json") +
                 " --report-plot " + folder.path("r.svg") + " -o " + folder.path("m.dinghy"));
  INFO(result.errors);
  REQUIRE(result.status == 0);
  CHECK_THAT(result.output, ContainsSubstring("300 requests, 2400 candidates"));
  const auto report = nlohmann::json::parse(read_file(folder.path("r.json")));
  const auto& scores = report["scores"];
  CHECK(report["tables"][1]["stored_as"] == "i8");
  REQUIRE(scores["each_table"].size() == 2);
  CHECK(scores["each_table"][0]["stored"] == "user alone as i8");
  const double loss = scores["f32"]["auc"].get<double>() - scores["all_tables"]["auc"].get<double>();
  CHECK(std::abs(loss) < 1e-4);
  CHECK(scores["all_tables"]["max_distance"].get<double>() > scores["all_tables"]["mean_distance"].get<double>());
  CHECK(scores["all_tables"]["mean_distance"].get<double>() > 0);
  CHECK_THAT(read_file(folder.path("r.svg")), ContainsSubstring("<polyline"));
  CHECK_THAT(run_dinghy("inspect " + folder.path("m.dinghy")).output,
             ContainsSubstring("scores of labelled.jsonl: max |Δp| "));
  const auto evaluated = nlohmann::json::parse(
      run_dinghy("eval " + folder.path("m.dinghy") + " --json --requests " + kDemo + "labelled.jsonl").output);
  CHECK(evaluated["auc"] == scores["all_tables"]["auc"]);
}

TEST_CASE("Requests without labels give the distances of scores alone, and no AUC to limit", "[commands]") {
  const TemporaryFolder folder;
  const std::string requests = folder.write("requests.jsonl", read_file(kDemo + "request.jsonl"));
  const CommandResult result = run_dinghy(kConvert + "--tables i8 --eval " + requests + " --report " +
                                          folder.path("r.json") + " -o " + folder.path("m.dinghy"));
  REQUIRE(result.status == 0);
  const auto scores = nlohmann::json::parse(read_file(folder.path("r.json")))["scores"];
  CHECK(scores["all_tables"]["max_distance"].get<double>() > 0);
  CHECK(scores["all_tables"]["auc"].is_null());
  fails_with("--tables i8 --max-auc-loss 1e-4 --eval " + requests, "has no AUC to hold --max-auc-loss against");
  const std::string mixed =
      folder.write("mixed.jsonl", read_file(kDemo + "request.jsonl") + read_file(kDemo + "labelled.jsonl"));
  fails_with("--tables i8 --eval " + mixed, "mixed.jsonl:2: a \"label\", but the lines before have none");
}

TEST_CASE("A loss over the limit is an error that names the table, and leaves no file", "[commands]") {
  // These tables happen to gain a little on the demo's labels, and to lose as much on the reverse.
  std::string rows = read_file(kDemo + "labelled.jsonl");
  for (std::size_t at = 0; (at = rows.find("\"label\"", at)) != std::string::npos;) {
    for (const std::size_t end = rows.find(']', at); at < end; ++at) {
      if (rows[at] == '0' || rows[at] == '1') rows[at] ^= 1;
    }
  }
  const TemporaryFolder folder;
  fails_with("--eval " + folder.write("reversed.jsonl", rows) + " --tables category=i4,user=i8 --max-auc-loss 1e-5",
             "the AUC falls by 0.00026, more than --max-auc-loss 1e-05; category alone as i4 loses 0.00028");
}

TEST_CASE("convert: the report names choices with their certainty, and checks", "[commands]") {
  const TemporaryFolder folder;
  const std::string kCase = DINGHY_SOURCE_DIR "/tests/golden/unknown-code/";
  const CommandResult result =
      run_dinghy("convert " + kCase + "model.pth --recipe " + kCase + "recipe.toml --check " + kCase +
                 "golden.jsonl --report " + folder.path("r.json") + " -o " + folder.path("m.dinghy"));
  INFO(result.errors);
  REQUIRE(result.status == 0);
  const auto report = nlohmann::json::parse(read_file(folder.path("r.json")));
  CHECK(report["preset"] == "generic");
  CHECK(report["bytes"]["file"] == std::filesystem::file_size(folder.path("m.dinghy")));
  CHECK(report["tensors"]["used"].get<int>() > 0);
  CHECK(report["checks"][0]["isa"] == "reference");
  CHECK(report["checks"][0]["rows"] == 40);
  std::set<std::string> certainties;
  for (const auto& choice : report["choices"]) certainties.insert(choice["certainty"].get<std::string>());
  CHECK(certainties.contains("recipe"));
  CHECK(certainties.contains("assumed"));
}

TEST_CASE("The option --eval without a choice of tables says what is missing", "[commands]") {
  fails_with(kEval, "--eval tells what --tables, --budget or --compute cost; give one of the three");
  fails_with("--tables i8 --budget 1MB", "excludes");
}

}  // namespace dinghy::converter
