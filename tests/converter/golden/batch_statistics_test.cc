// Dice by the statistics of its batch: a batch of the original is what a conversion is calibrated with.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <sstream>

#include "tests/converter/commands/command.h"
#include "tests/converter/golden/every_isa.h"
#include "tests/converter/golden/golden_lines.h"

namespace dinghy::converter {
namespace {

using Catch::Matchers::ContainsSubstring;

struct Calibrated {
  std::string model;
  std::string report;
};

Calibrated convert(TemporaryFolder& folder, const std::string& arguments, const std::string& rows) {
  folder.write("rows.jsonl", rows);
  const std::string model = folder.path("m.dinghy");
  const CommandResult result =
      run_dinghy("convert " + arguments + " -o " + model + " --calibrate " + folder.path("rows.jsonl"));
  INFO(result.errors);
  REQUIRE(result.status == 0);
  return {model, result.output};
}

[[maybe_unused]] std::vector<std::string> split_lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
  return lines;
}

}  // namespace

TEST_CASE("Trap 2: the trained dien model, calibrated with a batch, scores that batch as the original on every ISA",
          "[golden]") {
#ifndef DINGHY_SHARED_DATA
  SKIP("the data beside the repository is not there");
#else
  const std::string source = DINGHY_SHARED_DATA "/golden/dien-model-din";
  const std::string arguments =
      source + "/dnn_save_path --recipe " DINGHY_SOURCE_DIR "/tests/recipes/dien-model-din.toml";
  TemporaryFolder folder;
  const std::string two_candidates =
      "{\"user\":{\"user\":1},\"history\":{\"item\":[],\"category\":[]},\"candidates\":{\"item\":[1,2],"
      "\"category\":[1,2]}}\n";
  const std::vector<std::string> lines =
      split_lines(golden_lines_of_case(source, convert(folder, arguments, two_candidates).model));
  REQUIRE(lines.size() == 205);
  const double tolerance = tolerance_of_case(source);

  // 200 rows were one batch, then each request of 50 candidates.
  std::string rows;
  for (std::size_t i = 0; i < 200; ++i) rows += lines[i];
  const Calibrated batch = convert(folder, arguments, rows);
  CHECK_THAT(batch.report, ContainsSubstring("frozen: mean and variance over the 200 candidates of rows.jsonl"));
  check_on_every_isa(batch.model, rows, tolerance);
  for (std::size_t i = 200; i < lines.size(); ++i) {
    check_on_every_isa(convert(folder, arguments, lines[i]).model, lines[i], tolerance);
  }
#endif
}

TEST_CASE("Trap 2: the dien form, calibrated with its golden rows as one batch, scores them as TensorFlow on every ISA",
          "[golden]") {
  const std::string source = DINGHY_SOURCE_DIR "/tests/golden/dien-form";
  const std::string lines = read_file(source + "/golden.jsonl");
  TemporaryFolder folder;
  const Calibrated calibrated = convert(folder, source + " --recipe " + source + "/recipe.toml", lines);
  check_on_every_isa(calibrated.model, lines, 2e-6);
  CHECK_THAT(run_dinghy("inspect " + calibrated.model).output,
             ContainsSubstring("frozen: mean and variance over the 110 candidates of rows.jsonl"));
}

TEST_CASE("Trap 2: Dice by the batch's statistics is refused without a calibration, and needs no other network's",
          "[golden]") {
  const std::string tests = DINGHY_SOURCE_DIR "/tests/";
  TemporaryFolder folder;
  const std::string output = " -o " + folder.path("m.dinghy");
  const CommandResult refused =
      run_dinghy("convert " + tests + "golden/dien-form --recipe " + tests + "golden/dien-form/recipe.toml" + output);
  CHECK(refused.status == 1);
  CHECK_THAT(refused.errors, ContainsSubstring("normalizes by the statistics of the batch") &&
                                 ContainsSubstring("--calibrate ROWS.jsonl"));
  const CommandResult needless =
      run_dinghy("convert " + tests + "golden/seed-npz/din.npz --calibrate rows.jsonl" + output);
  CHECK_THAT(needless.errors, ContainsSubstring("rows.jsonl: calibrates nothing"));

  folder.write("one.jsonl",
               "{\"user\":{\"user\":1},\"history\":{\"item\":[],\"category\":[]},\"candidates\":{\"item\":[1],"
               "\"category\":[1]}}\n");
  const CommandResult few = run_dinghy("convert " + tests + "golden/dien-form --recipe " + tests +
                                       "golden/dien-form/recipe.toml --calibrate " + folder.path("one.jsonl") + output);
  CHECK_THAT(few.errors, ContainsSubstring("holds fewer than two candidates"));
  CHECK(!std::filesystem::exists(folder.path("m.dinghy")));
}

}  // namespace dinghy::converter
