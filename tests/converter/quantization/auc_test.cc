// What tables in fewer bytes and attention in integers cost on real behaviour data: the AUC of whole models on labelled
// requests.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/converter/commands/command.h"

namespace dinghy::converter {
namespace {

struct EvalCase {
  const char* folder;
  const char* checkpoint;
  const char* recipe;    // in tests/recipes/; nullptr where the checkpoint says enough
  const char* features;  // that the model knows
};

[[maybe_unused]] double auc_of(const std::string& model, const std::string& requests) {
  const CommandResult result = run_dinghy("eval " + model + " --json --requests " + requests);
  INFO(result.errors);
  REQUIRE(result.status == 0);
  return nlohmann::json::parse(result.output)["auc"];
}

}  // namespace

TEST_CASE(
    "f16 keeps the AUC of trained models to 4 decimals, int8 to 1e-4, int4 to 1e-3, integers to 2e-4: 20,916 rows",
    "[quantization][numbers]") {
#ifndef DINGHY_SHARED_DATA
  SKIP("the data beside the repository is not there");
#else
  if (std::system("python3 -c 'import numpy' 2>/dev/null") != 0) SKIP("python3 has no NumPy");
  const auto eval_case =
      GENERATE(EvalCase{"deepctr-torch-softmax", "model.pth", "deepctr-torch-softmax.toml", "user item category"},
               EvalCase{"torch-rechub-softmax-pre", "model.pth", "torch-rechub-softmax-pre.toml", "user item category"},
               EvalCase{"seed-small", "din.npz", nullptr, "user item category"},
               EvalCase{"seed-large", "", nullptr, "item category"});
  INFO(eval_case.folder);
  const std::string golden = DINGHY_SHARED_DATA "/golden/", source = golden + eval_case.folder + "/";
  const TemporaryFolder folder;
  const std::string requests = folder.path("labelled.jsonl");
  REQUIRE(std::system(("python3 -B " DINGHY_SOURCE_DIR "/tests/golden/eval_lines.py " + golden + "eval20k " +
                       eval_case.features + " >" + requests)
                          .c_str()) == 0);
  std::string checkpoint = source + eval_case.checkpoint;
  if (checkpoint == source) {
    checkpoint = folder.path("din.safetensors");
    const std::string make = "python3 -B " + source + "make_large.py " + source + "trained_part.npz " + checkpoint;
    REQUIRE(std::system((make + " 100000").c_str()) == 0);
  }
  const auto auc_with = [&](const std::string& options) {
    const std::string model = folder.path("m.dinghy");
    std::string arguments = "convert " + checkpoint + " " + options + " -o " + model;
    if (eval_case.recipe) arguments += std::string(" --recipe " DINGHY_SOURCE_DIR "/tests/recipes/") + eval_case.recipe;
    const CommandResult result = run_dinghy(arguments);
    INFO(result.errors);
    REQUIRE(result.status == 0);
    return auc_of(model, requests);
  };
  const double exact = auc_with("--tables f32");
  CHECK(exact > 0.67);
  CHECK(std::fabs(auc_with("--tables f16") - exact) < 5e-5);
  CHECK(std::fabs(auc_with("--tables i8") - exact) <= 1e-4);
  CHECK(std::fabs(auc_with("--tables i4") - exact) <= 1e-3);
  CHECK(std::fabs(auc_with("--compute int16") - exact) <= 2e-4);
  CHECK(std::fabs(auc_with("--compute int8") - exact) <= 2e-4);
  CHECK(std::fabs(auc_with("--compute int8 --tables i8") - exact) <= 3e-4);
#endif
}

}  // namespace dinghy::converter
