// Dice by the statistics of its batch: a batch of the original is what a conversion is calibrated with.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <sstream>

#include "converter/golden/check.h"
#include "dinghy/isa.h"
#include "tests/converter/commands/command.h"
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

void check_on_every_isa(const std::string& path, const std::string& lines, double tolerance) {
  const Result<Model> model = Model::open(path.c_str());
  REQUIRE(model.ok());
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    const IsaCheck check = check_isa(*model, path, isa.name, lines, "golden", tolerance);
    INFO(isa.name);
    CHECK(check.failure == "");
    CHECK(check.comparison.scores > 0);
  }
}

std::vector<std::string> split_lines(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
  return lines;
}

}  // namespace

TEST_CASE("Trap 2: the trained dien model, calibrated with a batch, scores that batch as the original on every ISA") {
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

}  // namespace dinghy::converter
