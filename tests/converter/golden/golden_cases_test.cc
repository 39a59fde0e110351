// Whole conversions, scored on every ISA of this machine and compared with the original frameworks.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string_view>

#include "dinghy/model.h"
#include "tests/converter/commands/command.h"
#include "tests/converter/golden/every_isa.h"
#include "tests/converter/golden/golden_lines.h"
#include "tests/converter/golden/split.h"
#include "tests/converter/golden/with_memo.h"

namespace dinghy::converter {
namespace {

struct GoldenCase {
  const char* folder;
  const char* checkpoint;
  const char* recipe;  // in tests/; nullptr where the checkpoint says enough
};

/// Models whose logits do not follow from two rows alone: layers by position, numbers or bags in the unit, dot
/// products.
const std::set<std::string_view> kWithoutMemo = {"nvidia-sim-dot",
                                                 "librecommender-dot",
                                                 "librecommender-numbers",
                                                 "rechorus-numbers-form",
                                                 "sparrow-form",
                                                 "ai-recommendersystem",
                                                 "reclearn"};

void check_memo(const GoldenCase& golden_case, const std::string& model, const std::string& lines) {
  const std::string refusal = check_with_memo(model, lines);
  INFO(refusal);
  CHECK(refusal.empty() != kWithoutMemo.contains(golden_case.folder));
}

/// All features with a table that is no bias become remote.
std::string remote_options(const std::string& path) {
  const Result<dinghy::Model> model = dinghy::Model::open(path.c_str());
  std::string options;
  for (const dinghy::Feature& feature : model->features()) {
    if (feature.kind != FeatureKind::dense) options += " --remote '" + std::string(feature.name) + "'";
  }
  return options;
}

std::string convert(const TemporaryFolder& folder, const std::string& checkpoint, const char* recipe,
                    const std::string& options = {}) {
#ifdef DINGHY_WITHOUT_HDF5
  if (checkpoint.ends_with(".h5") || checkpoint.ends_with(".keras")) SKIP("this build has no libhdf5");
#endif
  const std::string model = folder.path("m.dinghy");
  std::string arguments = "convert " + checkpoint + " -o " + model + options;
  if (recipe) arguments += std::string(" --recipe ") + DINGHY_SOURCE_DIR "/tests/" + recipe;
  const CommandResult result = run_dinghy(arguments);
  INFO(result.errors);
  REQUIRE(result.status == 0);
  return model;
}

void check_device(const TemporaryFolder& folder, const GoldenCase& golden_case, const std::string& source,
                  const std::string& model) {
  const std::string golden = source + "/golden.jsonl", whole = folder.path("whole.dinghy"), one = read_file(model);
  const std::string device =
      convert(folder, source + "/" + golden_case.checkpoint, golden_case.recipe,
              " --check " + golden + " --tolerance 2e-6 --name m --whole " + whole + remote_options(model));
  CHECK(read_file(whole) == one);
  CHECK(dinghy::Model::open(device.c_str())->selftest().ok());
  check_split(whole, device, read_file(golden));
}

/// Engines without a converter score these files too: on other processors, under emulators (tests/device).
void keep(const std::string& model, const GoldenCase& golden_case) {
  const char* const folder = std::getenv("DINGHY_GOLDEN_MODELS");
  if (folder == nullptr) return;
  std::string name = std::string(golden_case.folder) + "-" + golden_case.checkpoint;
  if (golden_case.recipe != nullptr) name += "-" + std::filesystem::path(golden_case.recipe).stem().string();
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(model, std::string(folder) + "/" + name + ".dinghy",
                             std::filesystem::copy_options::overwrite_existing);
}

}  // namespace

TEST_CASE("The project's own golden cases score as their frameworks on every ISA", "[golden]") {
  const auto golden_case = GENERATE(
      GoldenCase{"deepctr-torch-softmax", "model.pth", "golden/deepctr-torch-softmax/recipe.toml"},
      GoldenCase{"deepctr-torch-softmax", "model.whole.pth", nullptr},
      GoldenCase{"deepctr-torch-raw", "model.pth", "golden/deepctr-torch-raw/recipe.toml"},
      GoldenCase{"deepctr-torch-sigmoid-bn", "model.pth", "golden/deepctr-torch-sigmoid-bn/recipe.toml"},
      GoldenCase{"deepctr-torch-raw", "model.torchscript.onnx", "golden/deepctr-torch-raw/recipe.onnx.toml"},
      GoldenCase{"deepctr-torch-raw", "model.dynamo.onnx", "golden/deepctr-torch-raw/recipe.onnx.toml"},
      GoldenCase{"deepctr-torch-sigmoid-bn", "model.torchscript.onnx",
                 "golden/deepctr-torch-sigmoid-bn/recipe.onnx.toml"},
      GoldenCase{"paddlerec-form", "rec_static.pdparams", nullptr}, GoldenCase{"fuxictr", "DIN.model", nullptr},
      GoldenCase{"fuxictr-specs", "DIN.model", nullptr}, GoldenCase{"fuxictr-content", "DIN.model", nullptr},
      GoldenCase{"nvidia-sim-dot", "", nullptr}, GoldenCase{"nvidia-sim-unit", "", nullptr},
      GoldenCase{"recbole", "DIN.pth", nullptr}, GoldenCase{"librecommender", "din_tf_variables.npz", nullptr},
      GoldenCase{"librecommender-numbers", "din_tf_variables.npz", nullptr},
      GoldenCase{"rechorus-numbers-form", "model.pt", "golden/rechorus-numbers-form/recipe.toml"},
      GoldenCase{"rechorus-numbers-form", "model.pt", "recipes/rechorus-numbers-generic.toml"},
      GoldenCase{"librecommender-dot", "din_tf_variables.npz", nullptr},
      GoldenCase{"prediction-flow", "model.pt", "golden/prediction-flow/recipe.toml"},
      GoldenCase{"rechorus-form", "model.pt", "recipes/rechorus-names.toml"},
      GoldenCase{"torch-rechub-shared", "model.pth", "golden/torch-rechub-shared/recipe.toml"},
      GoldenCase{"torch-rechub-softmax", "model.pth", "golden/torch-rechub-softmax/recipe.toml"},
      GoldenCase{"widedeep", "model.pt", "golden/widedeep/recipe.toml"},
      GoldenCase{"widedeep", "model.whole.pt", "golden/widedeep/recipe.toml"},
      GoldenCase{"rechorus-form", "model.pt", "recipes/rechorus-din.toml"},
      GoldenCase{"deepctr-raw-hash", "din.model.h5", nullptr},
      GoldenCase{"deepctr-softmax-bn", "din.weights.h5", nullptr}, GoldenCase{"seed-keras3", "din.keras", nullptr},
      GoldenCase{"seed-keras3-graph", "din.ckpt", nullptr}, GoldenCase{"sparrow-form", "din.model.h5", nullptr},
      GoldenCase{"ai-recommendersystem", "din.weights.h5", "golden/ai-recommendersystem/recipe.toml"},
      GoldenCase{"ai-recommendersystem", "din.ckpt.index", "golden/ai-recommendersystem/recipe.toml"},
      GoldenCase{"reclearn", "din_weights.h5", "golden/reclearn/recipe.toml"},
      GoldenCase{"reclearn", "din.ckpt.index", "golden/reclearn/recipe.toml"},
      GoldenCase{"reclearn-train", "din.weights.h5", "golden/reclearn-train/recipe.toml"},
      GoldenCase{"reclearn-train", "din.ckpt.index", "golden/reclearn-train/recipe.toml"},
      GoldenCase{"torch-easyrec-form", "model.ckpt-500", nullptr},
      GoldenCase{"torch-easyrec-form", "model.safetensors", nullptr}, GoldenCase{"seed-npz", "din.npz", nullptr},
      GoldenCase{"unknown-code", "model.pth", "golden/unknown-code/recipe.toml"},
      GoldenCase{"packed-tables", "model.pth", "golden/packed-tables/recipe.toml"},
      GoldenCase{"averaged-model", "model.pth", "golden/averaged-model/recipe.toml"},
      GoldenCase{"weight-norm", "model.pth", "golden/weight-norm/recipe.toml"}, GoldenCase{"zhougr-form", "", nullptr},
      GoldenCase{"xdl-form", "", nullptr});
  INFO(golden_case.folder << "/" << golden_case.checkpoint);
  const std::string source = std::string(DINGHY_SOURCE_DIR "/tests/golden/") + golden_case.folder;
  const TemporaryFolder folder;
  const std::string model = convert(folder, source + "/" + golden_case.checkpoint, golden_case.recipe,
                                    " --check " + source + "/golden.jsonl --tolerance 2e-6");
  CHECK(check_on_every_isa(model, read_file(source + "/golden.jsonl"), 2e-6) > 0);
  CHECK(dinghy::Model::open(model.c_str())->selftest().ok());
  check_memo(golden_case, model, read_file(source + "/golden.jsonl"));
  keep(model, golden_case);
  check_device(folder, golden_case, source, model);
}

TEST_CASE("Checkpoints trained on real behaviour data score as their frameworks on every ISA", "[golden]") {
#ifndef DINGHY_SHARED_DATA
  SKIP("the data beside the repository is not there");
#else
  const auto golden_case =
      GENERATE(GoldenCase{"deepctr-torch-softmax", "model.pth", "recipes/deepctr-torch-softmax.toml"},
               GoldenCase{"deepctr-torch-softmax", "model.legacy.pth", "recipes/deepctr-torch-softmax.toml"},
               GoldenCase{"deepctr-torch-softmax", "model.whole.pth", nullptr},
               GoldenCase{"deepctr-torch-raw", "model.pth", "recipes/deepctr-torch-raw.toml"},
               GoldenCase{"deepctr-raw", "din.model.h5", nullptr},
               GoldenCase{"deepctr-raw", "din_weights.h5", "recipes/deepctr-weights.toml"},
               GoldenCase{"deepctr-softmax", "din.keras", nullptr},
               GoldenCase{"deepctr-raw", "tf_checkpoint", "recipes/deepctr-weights.toml"},
               GoldenCase{"deepctr-raw", "saved_model", "recipes/deepctr-weights.toml"},
               GoldenCase{"deepctr-raw", "saved_model", nullptr},
               GoldenCase{"deepctr-torch-sigmoid", "model.pth", "recipes/deepctr-torch-sigmoid.toml"},
               GoldenCase{"fuxictr-raw", "DIN.model", nullptr},
               GoldenCase{"rechorus-din", "model.pt", "recipes/rechorus-names.toml"},
               GoldenCase{"librecommender-din", "din_tf_variables.npz", nullptr},
               GoldenCase{"fuxictr-softmax-two-groups", "DIN.model", "recipes/fuxictr-softmax-two-groups.toml"},
               GoldenCase{"onnx-deepctr-torch-softmax", "din.torchscript.onnx", nullptr},
               GoldenCase{"onnx-deepctr-torch-softmax", "din.dynamo.onnx", nullptr},
               GoldenCase{"paddlerec-static", "rec_static.pdparams", nullptr},
               GoldenCase{"recbole-din", "DIN.pth", nullptr}, GoldenCase{"seed-keras3", "din.weights.h5", nullptr},
               GoldenCase{"seed-small", "din.npz", nullptr}, GoldenCase{"seed-small", "din.model.h5", nullptr},
               GoldenCase{"seed-small", "tf_checkpoint", nullptr}, GoldenCase{"seed-small", "din.safetensors", nullptr},
               GoldenCase{"torch-rechub-raw", "model.pth", "recipes/torch-rechub-raw.toml"},
               GoldenCase{"torch-rechub-softmax-pre", "model.pth", "recipes/torch-rechub-softmax-pre.toml"},
               GoldenCase{"widedeep-din", "model.pt", "recipes/widedeep-din.toml"},
               GoldenCase{"zhougr-din", "save_path", "recipes/zhougr-din.toml"},
               GoldenCase{"zhougr-din", "save_path/ckpt", "recipes/zhougr-din.toml"},
               GoldenCase{"zhougr-din-dice", "save_path/ckpt.index", "recipes/zhougr-din.toml"},
               GoldenCase{"rechorus-din", "model.pt", "recipes/rechorus-din.toml"});
  INFO(golden_case.folder << "/" << golden_case.checkpoint);
  const std::string source = std::string(DINGHY_SHARED_DATA "/golden/") + golden_case.folder;
  const TemporaryFolder folder;
  const std::string model = convert(folder, source + "/" + golden_case.checkpoint, golden_case.recipe);
  const std::string lines = golden_lines_of_case(source, model);
  CHECK(check_on_every_isa(model, lines, tolerance_of_case(source)) > 0);
  check_memo(golden_case, model, lines);
#endif
}

TEST_CASE("The XDL checkpoint scores as an independent computation in double on every ISA", "[golden]") {
#ifndef DINGHY_SHARED_DATA
  SKIP("the data beside the repository is not there");
#else
  const std::string source = DINGHY_SHARED_DATA "/xdl-din";
  const TemporaryFolder folder;
  const std::string lines = folder.path("lines.jsonl");
  if (std::system("python3 -c 'import numpy' 2>/dev/null") != 0) SKIP("python3 has no NumPy");
  const std::string oracle = "python3 -B " DINGHY_SOURCE_DIR "/tests/golden/xdl_numpy.py " + source +
                             " --requests 120 --seed 1 --names user,item,category >" + lines;
  REQUIRE(std::system(oracle.c_str()) == 0);
  CHECK(check_on_every_isa(convert(folder, source, "recipes/xdl-din.toml"), read_file(lines), 2e-6) > 0);
#endif
}

TEST_CASE("A Keras DIN with 100,000 items in safetensors scores as its framework on every ISA", "[golden]") {
#ifndef DINGHY_SHARED_DATA
  SKIP("the data beside the repository is not there");
#else
  const std::string source = DINGHY_SHARED_DATA "/golden/seed-large";
  const TemporaryFolder folder;
  const std::string checkpoint = folder.path("din.safetensors");
  if (std::system("python3 -c 'import numpy' 2>/dev/null") != 0) SKIP("python3 has no NumPy");
  const std::string make =
      "python3 -B " + source + "/make_large.py " + source + "/trained_part.npz " + checkpoint + " 100000";
  REQUIRE(std::system(make.c_str()) == 0);
  const std::string model = convert(folder, checkpoint, nullptr);
  CHECK(check_on_every_isa(model, golden_lines_of_case(source, model), tolerance_of_case(source)) > 0);
#endif
}

TEST_CASE("Trap 34: a trained checkpoint without its attention is refused, with what to convert in its place",
          "[golden]") {
#ifndef DINGHY_SHARED_DATA
  SKIP("the data beside the repository is not there");
#else
  const TemporaryFolder folder;
  const std::string output = folder.path("m.dinghy");
  const CommandResult result =
      run_dinghy("convert " DINGHY_SHARED_DATA "/golden/paddlerec-dygraph-incomplete/rec.pdparams -o " + output);
  CHECK(result.status == 1);
  CHECK_THAT(result.errors, Catch::Matchers::ContainsSubstring("lacks the three layers of the attention") &&
                                Catch::Matchers::ContainsSubstring("rec_static.pdparams"));
  CHECK_FALSE(std::filesystem::exists(output));
#endif
}

TEST_CASE("presets: without Keras' configuration a recipe says the same, and scores are equal", "[golden]") {
  const TemporaryFolder folder;
  const std::string source = DINGHY_SOURCE_DIR "/tests/golden/seed-keras3-graph/";
  for (const std::string file : {"din.ckpt.index", "din.ckpt.data-00000-of-00001"}) {
    std::filesystem::copy_file(source + file, folder.path(file));
  }
  const std::string model = convert(folder, folder.path("din.ckpt"), "golden/seed-keras3-graph/recipe.toml");
  CHECK(check_on_every_isa(model, read_file(source + "golden.jsonl"), 2e-6) > 0);
}

TEST_CASE("presets: without FuxiCTR's log a recipe says the same, and scores are equal", "[golden]") {
  const TemporaryFolder folder;
  const std::string source = DINGHY_SOURCE_DIR "/tests/golden/fuxictr/", model = folder.path("m.dinghy");
  for (const std::string file : {"DIN.model", "feature_map.json", "feature_vocab.json"}) {
    std::filesystem::copy_file(source + file, folder.path(file));
  }
  const std::string recipe = folder.write("r.toml",
                                          "[inputs]\nhistory = [\"category:hist_category\", \"item:hist_item\"]\n"
                                          "[attention]\nsoftmax = true\n[history]\nkeep = \"last\"\n");
  const CommandResult converted =
      run_dinghy("convert " + folder.path("DIN.model") + " --recipe " + recipe + " -o " + model);
  INFO(converted.errors);
  REQUIRE(converted.status == 0);
  CHECK(check_on_every_isa(model, read_file(source + "golden.jsonl"), 2e-6) > 0);
}

}  // namespace dinghy::converter
