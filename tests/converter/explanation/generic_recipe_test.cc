// What --explain writes, and --generic, makes the same model as the checkpoint alone: the evidence that a description
// is whole.
#include "converter/explanation/generic_recipe.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "converter/presets/packed_tables.h"
#include "converter/presets/weights_choice.h"
#include "converter/readers/companions.h"
#include "converter/readers/read_checkpoint.h"
#include "tests/converter/explanation/network_bytes.h"
#include "tests/converter/presets/codes/fuxictr_checkpoint.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

struct Case {
  const char* checkpoint;
  const char* recipe;  // in tests/; nullptr where the checkpoint says enough
};

Recipe recipe_of(const Case& a_case) {
  return a_case.recipe ? read_recipe(std::string(DINGHY_SOURCE_DIR "/tests/") + a_case.recipe) : Recipe{};
}

// As `dinghy convert` reads it.
Checkpoint checkpoint_of(const std::string& file, const Recipe& recipe) {
  Checkpoint checkpoint = read_checkpoint(kGolden + file);
  add_companions(checkpoint, {});
  choose_weights(checkpoint, recipe);
  unpack_tables(checkpoint, recipe);
  return checkpoint;
}

RecipeFolder generic_of(const Checkpoint& checkpoint, const Recipe& recipe) {
  Conversion conversion(checkpoint, recipe);
  const Preset& preset = choose_preset(checkpoint, recipe);
  build_network(conversion, preset);
  return generic_recipe(conversion, preset);
}

RecipeFolder starting_of(const Checkpoint& checkpoint, const Recipe& recipe) {
  Conversion conversion(checkpoint, recipe);
  const Explanation explanation = explain(conversion);
  return {{"recipe.toml", starting_recipe(conversion, explanation)}};
}

// The bytes of the network but for the names of its vocabularies, which are those of their files.
std::string bytes_of(const std::string& file, const Recipe& recipe) {
  const Checkpoint checkpoint = checkpoint_of(file, recipe);
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  for (Vocabulary& vocabulary : conversion.network.vocabularies) vocabulary.name.clear();
  return network_bytes(conversion.network);
}

// The bytes are no text to print when they differ.
void check_same_model(const std::string& file, const Recipe& recipe, const RecipeFolder& written) {
  INFO(written.back().second);
  const TemporaryFolder folder;
  for (const auto& [name, text] : written) folder.write(name, text);
  const Recipe again = read_recipe(folder.path("recipe.toml"));
  const bool same = bytes_of(file, again) == bytes_of(file, recipe);
  CHECK(same);
}

}  // namespace

TEST_CASE("explanation: recipes that --explain writes, generic ones too, make the same model", "[explanation]") {
  const auto a_case = GENERATE(
      Case{"rechorus-form/model.pt", nullptr}, Case{"rechorus-form/model.pt", "recipes/rechorus-names.toml"},
      Case{"rechorus-form/model.pt", "golden/rechorus-form/recipe.toml"},
      Case{"rechorus-form/model.pt", "recipes/rechorus-din.toml"},
      Case{"rechorus-numbers-form/model.pt", "golden/rechorus-numbers-form/recipe.toml"},
      Case{"rechorus-numbers-form/model.pt", "recipes/rechorus-numbers-generic.toml"},
      Case{"deepctr-torch-raw/model.pth", "golden/deepctr-torch-raw/recipe.toml"},
      Case{"deepctr-torch-sigmoid-bn/model.pth", "golden/deepctr-torch-sigmoid-bn/recipe.toml"},
      Case{"deepctr-torch-softmax/model.pth", "golden/deepctr-torch-softmax/recipe.toml"},
      Case{"deepctr-torch-softmax/model.whole.pth", nullptr},
      Case{"averaged-model/model.pth", "golden/averaged-model/recipe.toml"},
      Case{"weight-norm/model.pth", "golden/weight-norm/recipe.toml"},
      Case{"lightning-ema/model.ckpt", "golden/lightning-ema/recipe.average.toml"},
      Case{"lightning-ema/model.ckpt", "golden/lightning-ema/recipe.last.toml"}, Case{"recbole/DIN.pth", nullptr},
      Case{"prediction-flow/model.pt", "golden/prediction-flow/recipe.toml"},
      Case{"torch-rechub-shared/model.pth", "golden/torch-rechub-shared/recipe.toml"},
      Case{"torch-rechub-softmax/model.pth", "golden/torch-rechub-softmax/recipe.toml"},
      Case{"widedeep/model.pt", "golden/widedeep/recipe.toml"},
      Case{"widedeep/model.whole.pt", "golden/widedeep/recipe.toml"},
      Case{"torch-easyrec-form/model.ckpt-500", nullptr}, Case{"torch-easyrec-form/model.safetensors", nullptr},
      Case{"fuxictr/DIN.model", nullptr}, Case{"fuxictr-specs/DIN.model", nullptr},
      Case{"fuxictr-content/DIN.model", nullptr}, Case{"unknown-code/model.pth", "golden/unknown-code/recipe.toml"},
      Case{"packed-tables/model.pth", "golden/packed-tables/recipe.toml"});
  INFO(a_case.checkpoint << ", " << (a_case.recipe ? a_case.recipe : "no recipe"));
  const Recipe recipe = recipe_of(a_case);
  const Checkpoint checkpoint = checkpoint_of(a_case.checkpoint, recipe);
  check_same_model(a_case.checkpoint, recipe, starting_of(checkpoint, recipe));
  check_same_model(a_case.checkpoint, recipe, generic_of(checkpoint, recipe));
}

TEST_CASE("explanation: a generic recipe says what a layer has not, though it might have been lost", "[explanation]") {
  const Recipe recipe = read_recipe(kGolden + "deepctr-torch-softmax/recipe.toml");
  const std::string text = generic_of(checkpoint_of("deepctr-torch-softmax/model.pth", recipe), recipe).back().second;
  CHECK_THAT(text, ContainsSubstring("[[tower.layers]]\n# without batch norm: ASSUMED, nothing says so\nweight = "));
}

TEST_CASE("explanation: ids of a recipe, vocabularies too, go into the generic one", "[explanation]") {
  const TemporaryFolder folder;
  folder.write("users.tsv", "u-7\t3\nu-9\t1\n");
  const Recipe recipe = read_recipe(folder.write("r.toml",
                                                 "[ids.user_id]\nvocabulary = \"users.tsv\"\nmissing = \"zero\"\n"
                                                 "[ids.item_id]\nfirst = 1\nmissing = \"row\"\nrow = 2\n"));
  const RecipeFolder generic = generic_of(checkpoint_of("rechorus-form/model.pt", recipe), recipe);
  REQUIRE(generic.size() == 2);
  CHECK(generic[0] == std::pair<std::string, std::string>("users.tsv", "u-7\t3\nu-9\t1\n"));
  check_same_model("rechorus-form/model.pt", recipe, generic);
}

TEST_CASE("explanation: behaviours that have ids of their own are refused by name", "[explanation]") {
  Checkpoint checkpoint = small_checkpoint();
  checkpoint.tensors[2] = counted(kEmbeddings + "hist_item.weight", {4, 2});
  std::string map = kMap;
  document(checkpoint, "feature_map.json", map.replace(map.find("\"share_embedding\": \"item\", "), 26, ""));
  const Recipe recipe = parse_recipe("[inputs]\nhistory = [\"item:hist_item\"]\n", "r.toml");
  const std::string ids = R"({"item": {"7": 1, "__OOV__": 3}, "hist_item": {")";
  document(checkpoint, "feature_vocab.json", ids + R"(7": 1, "__OOV__": 3}})");
  CHECK_NOTHROW(generic_of(checkpoint, recipe));
  document(checkpoint, "feature_vocab.json", ids + R"(8": 1, "__OOV__": 3}})");
  CHECK_THROWS_MATCHES(generic_of(checkpoint, recipe), Error,
                       MessageMatches(ContainsSubstring("finds the rows of \"item\" otherwise for behaviours")));
}

TEST_CASE("explanation: a feature that is called as the interest is written as such", "[explanation]") {
  Recipe recipe = read_recipe(kGolden + "deepctr-torch-softmax/recipe.toml");
  recipe.inputs.user = {"interest"};
  Checkpoint checkpoint = checkpoint_of("deepctr-torch-softmax/model.pth", recipe);
  for (Tensor& tensor : checkpoint.tensors) {
    if (tensor.name == "embedding_dict.user.weight") tensor.name = "embedding_dict.interest.weight";
  }
  const std::string text = generic_of(checkpoint, recipe).back().second;
  CHECK_THAT(text, ContainsSubstring(R"(inputs = ["feature:interest", "item", "category", "interest:interest"])"));
  const bool same = network_bytes(checkpoint, parse_recipe(text, "r.toml")) == network_bytes(checkpoint, recipe);
  CHECK(same);
}

TEST_CASE("explanation: a preset that builds in code has no generic recipe, and says which have", "[explanation]") {
  CHECK_THROWS_MATCHES(
      generic_of(checkpoint_of("seed-npz/din.npz", {}), {}), Error,
      MessageMatches(ContainsSubstring("the preset seed builds its network in code") && ContainsSubstring("rechorus")));
}

}  // namespace dinghy::converter
