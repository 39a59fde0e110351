// What `--explain` says, and that the recipe it writes changes nothing.
#include "converter/explanation/explanation.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "converter/model_file/writer.h"
#include "converter/readers/companions.h"
#include "converter/readers/read_checkpoint.h"
#include "tests/converter/memory_tensor.h"
#include "tests/converter/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace dinghy::converter {
namespace {

const std::string kGolden = DINGHY_SOURCE_DIR "/tests/golden/";

// The file of a network that came from nowhere.
std::string bytes_of(const Network& network) {
  const TemporaryFolder folder;
  write_model(network, Provenance{}, GoldenRows{}, folder.path("m.dinghy"));
  return read_file(folder.path("m.dinghy"));
}

Checkpoint checkpoint_of(const std::string& path) {
  Checkpoint checkpoint = read_checkpoint(path);
  add_companions(checkpoint, {});
  return checkpoint;
}

}  // namespace

TEST_CASE("The recipe that --explain writes makes the same network, byte by byte") {
  const std::string name =
      GENERATE("deepctr-torch-softmax/model.whole.pth", "fuxictr/DIN.model", "paddlerec-form/rec_static.pdparams",
               "recbole/DIN.pth", "seed-npz/din.npz", "torch-easyrec-form/model.ckpt-500", "xdl-form", "zhougr-form");
  INFO(name);
  const Checkpoint checkpoint = checkpoint_of(kGolden + name);
  const Recipe none;
  Conversion first(checkpoint, none);
  const Explanation explanation = explain(first);
  REQUIRE(!explanation.failure);
  const std::string text = starting_recipe(first, explanation);
  INFO(text);
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion second(checkpoint, recipe);
  build_network(second, choose_preset(checkpoint, recipe));
  const bool same = bytes_of(first.network) == bytes_of(second.network);  // the bytes are no text to print
  CHECK(same);
}

TEST_CASE("Trap 35: a rate of dropout in the checkpoint changes nothing, dropout is for training alone") {
  Checkpoint checkpoint = checkpoint_of(kGolden + "deepctr-torch-softmax/model.whole.pth");
  const auto bytes = [&] {
    const Recipe none;
    Conversion conversion(checkpoint, none);
    build_network(conversion, choose_preset(checkpoint, none));
    return bytes_of(conversion.network);
  };
  const std::string without = bytes();
  int rates = 0;
  for (auto& [path, value] : checkpoint.facts) {
    if (!path.ends_with("dropout.p") && !path.ends_with("dropout_rate")) continue;
    value = "0.5";
    ++rates;
  }
  CHECK(rates >= 2);  // of the attention, and of the tower
  const bool same = bytes() == without;
  CHECK(same);
}

TEST_CASE("With every # of a choice removed the recipe of --explain still makes the same network") {
  const Checkpoint checkpoint = checkpoint_of(kGolden + "deepctr-torch-softmax/model.whole.pth");
  const Recipe none;
  Conversion first(checkpoint, none);
  std::string text = starting_recipe(first, explain(first));
  // The first paragraph is prose, and what the tensors tell (relu beside Dice) no recipe may say again.
  text.erase(0, text.find("preset"));
  for (std::size_t at = text.find("\n# "); at != std::string::npos; at = text.find("\n# ")) text.erase(at + 1, 2);
  INFO(text);
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion second(checkpoint, recipe);
  build_network(second, choose_preset(checkpoint, recipe));
  const bool same = bytes_of(first.network) == bytes_of(second.network);  // the bytes are no text to print
  CHECK(same);
}

TEST_CASE("The recipe of --explain keeps the text of a recipe that was given") {
  const Checkpoint checkpoint = checkpoint_of(kGolden + "deepctr-torch-softmax/model.pth");
  const Recipe given = read_recipe(kGolden + "deepctr-torch-softmax/recipe.toml");
  Conversion first(checkpoint, given);
  const std::string text = starting_recipe(first, explain(first));
  CHECK_THAT(text, ContainsSubstring(given.text));
  const Recipe recipe = parse_recipe(text, "recipe.toml");
  Conversion second(checkpoint, recipe);
  build_network(second, choose_preset(checkpoint, recipe));
  const bool same = bytes_of(first.network) == bytes_of(second.network);  // the bytes are no text to print
  CHECK(same);
}

TEST_CASE("An explanation has each choice with its source, and each tensor with its use") {
  const Checkpoint checkpoint = checkpoint_of(kGolden + "deepctr-torch-softmax/model.whole.pth");
  const Recipe none;
  Conversion conversion(checkpoint, none);
  const std::string text = explanation_text(conversion, explain(conversion));
  CHECK_THAT(text, ContainsSubstring("preset deepctr-torch (DeepCTR-Torch), found by attention.local_att.dense"));
  CHECK_THAT(text, ContainsSubstring("the checkpoint says so") && ContainsSubstring("[attention] softmax = true"));
  CHECK_THAT(text, ContainsSubstring("ASSUMED, nothing says so  [history] keep = \"last\""));
  CHECK_THAT(text, ContainsSubstring("int64    ignored, a counter that only training needs"));
  CHECK_THAT(text, !ContainsSubstring("not used"));
}

TEST_CASE("A checkpoint that does not convert yet is explained as far as that goes") {
  Checkpoint checkpoint = checkpoint_of(kGolden + "deepctr-torch-softmax/model.whole.pth");
  checkpoint.tensors.push_back(memory_tensor("twin", {1}, {1}));
  const Recipe none;
  Conversion conversion(checkpoint, none);
  const Explanation explanation = explain(conversion);
  REQUIRE(explanation.failure);
  const std::string text = explanation_text(conversion, explanation);
  CHECK_THAT(text, ContainsSubstring("softmax of the logits"));
  CHECK_THAT(text, ContainsSubstring("twin ") && ContainsSubstring("not used"));
  CHECK_THAT(starting_recipe(conversion, explanation),
             ContainsSubstring("# It does not convert yet: ") && ContainsSubstring("#   \"twin\" [1]\n"));
}

TEST_CASE("For an unknown code the recipe of --explain lists the tensors and shows what to say of them") {
  const Checkpoint checkpoint = memory_checkpoint({memory_tensor("my table", {2, 1}, {1, 2})});
  const Recipe none;
  Conversion conversion(checkpoint, none);
  const Explanation explanation = explain(conversion);
  CHECK(explanation.preset == nullptr);
  REQUIRE(explanation.failure);
  const std::string text = starting_recipe(conversion, explanation);
  CHECK_THAT(text, ContainsSubstring("\npreset = \"generic\"\n") && ContainsSubstring("#   \"my table\" [2, 1]\n"));
}

}  // namespace dinghy::converter
