// Checkpoints as trainers write them around a network, converted by the command.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/converter/commands/command.h"
#include "tests/converter/golden/every_isa.h"

using Catch::Matchers::ContainsSubstring;

namespace dinghy::converter {
namespace {

const std::string kLightning = DINGHY_SOURCE_DIR "/tests/golden/lightning-ema/";
const std::string kNormed = DINGHY_SOURCE_DIR "/tests/golden/weight-norm/";

}  // namespace

TEST_CASE("Trap 44: weights that a file holds twice are asked for, and each scores as its own", "[golden]") {
  const TemporaryFolder folder;
  const std::string model = folder.path("m.dinghy"), convert = "convert " + kLightning + "model.ckpt -o " + model;
  const CommandResult refused = run_dinghy(convert + " --recipe " + kNormed + "recipe.toml");
  CHECK(refused.status == 1);
  CHECK_THAT(refused.errors, ContainsSubstring("as \"state_dict\", \"current_model_state\"; say in a recipe which") &&
                                 ContainsSubstring("weights = \"state_dict\""));
  const std::string choice = GENERATE(as<std::string>(), "average", "last");
  const CommandResult converted =
      run_dinghy(convert + " --recipe " + kLightning + "recipe." + choice + ".toml --tolerance 2e-6 --check " +
                 kLightning + "golden." + choice + ".jsonl");
  INFO(converted.errors);
  REQUIRE(converted.status == 0);
  CHECK_THAT(converted.output, ContainsSubstring("names without the prefix \"model.\"") &&
                                   ContainsSubstring("state of the optimizer: optimizer_states[0] (63 tensors)"));
  CHECK(check_on_every_isa(model, read_file(kLightning + "golden." + choice + ".jsonl"), 2e-6) > 0);
}

TEST_CASE("explain: weights that a file holds twice are a question in the recipe", "[commands]") {
  const TemporaryFolder folder;
  const std::string recipe = folder.path("r.toml");
  const CommandResult result = run_dinghy("convert --explain " + kLightning + "model.ckpt -o " + recipe);
  CHECK_THAT(result.output, ContainsSubstring("left out: optimizer_states[0] (63 tensors)"));
  const std::string text = read_file(recipe);
  CHECK(text.find("\n# weights = \"state_dict\"") < text.find("\n["));
  CHECK_THAT(text, ContainsSubstring("# say which: \"state_dict\", \"current_model_state\"\n"));
}

TEST_CASE("convert: weights that a file has not are an error with those that it has", "[commands]") {
  const TemporaryFolder folder;
  const auto said = [&](const std::string& checkpoint, const std::string& weights) {
    const std::string recipe = folder.write("r.toml", "weights = \"" + weights + "\"\n");
    return run_dinghy("convert " + checkpoint + " -o " + folder.path("m.dinghy") + " --recipe " + recipe).errors;
  };
  CHECK_THAT(said(kLightning + "model.ckpt", "ema"),
             ContainsSubstring("there are no weights \"ema\"") && ContainsSubstring("\"current_model_state\""));
  CHECK_THAT(said(kNormed + "model.pth", "ema"), ContainsSubstring("holds the weights once; leave the line out"));
  CHECK_THAT(said(DINGHY_SOURCE_DIR "/tests/converter/readers/fixtures/shadow_list.pth", "ema.shadow_params"),
             ContainsSubstring("are a list without names"));
}

}  // namespace dinghy::converter
