// What `--explain` says, and that the recipe it writes changes nothing.
#include "converter/explanation/explanation.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "converter/readers/companions.h"
#include "converter/readers/read_checkpoint.h"
#include "tests/converter/explanation/network_bytes.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace dinghy::converter {
namespace {

Checkpoint checkpoint_of(const std::string& path) {
  Checkpoint checkpoint = read_checkpoint(path);
  add_companions(checkpoint, {});
  return checkpoint;
}

// A conversion as far as it goes, with what --explain makes of it.
struct Explained {
  explicit Explained(const Checkpoint& checkpoint, Recipe with = {})
      : recipe(std::move(with)), conversion(checkpoint, recipe), explanation(explain(conversion)) {}
  Explained(const Explained&) = delete;
  Explained& operator=(const Explained&) = delete;

  std::string text() const { return explanation_text(conversion, explanation); }
  std::string written_recipe() const { return starting_recipe(conversion, explanation); }

  const Recipe recipe;
  Conversion conversion;
  const Explanation explanation;
};

// The bytes are no text to print when they differ.
void check_same_network(const Checkpoint& checkpoint, const Explained& first, const std::string& recipe) {
  INFO(recipe);
  const Explained second(checkpoint, parse_recipe(recipe, "recipe.toml"));
  REQUIRE(!second.explanation.failure);
  const bool same = network_bytes(first.conversion.network) == network_bytes(second.conversion.network);
  CHECK(same);
}

}  // namespace

TEST_CASE("The recipe that --explain writes makes the same network, byte by byte", "[explanation]") {
  const std::string name =
      GENERATE("fuxictr/DIN.model", "paddlerec-form/rec_static.pdparams", "seed-npz/din.npz",
               "torch-easyrec-form/model.ckpt-500", "xdl-form", "zhougr-form");  // generic_recipe_test has the others
  INFO(name);
  const Checkpoint checkpoint = checkpoint_of(kGolden + name);
  const Explained first(checkpoint);
  REQUIRE(!first.explanation.failure);
  check_same_network(checkpoint, first, first.written_recipe());
}

TEST_CASE("Trap 35: a rate of dropout in the checkpoint changes nothing, dropout is for training alone",
          "[explanation]") {
  Checkpoint checkpoint = checkpoint_of(kGolden + "deepctr-torch-softmax/model.whole.pth");
  const Explained without(checkpoint);
  int rates = 0;
  for (auto& [path, value] : checkpoint.facts) {
    if (!path.ends_with("dropout.p") && !path.ends_with("dropout_rate")) continue;
    value = "0.5";
    ++rates;
  }
  CHECK(rates >= 2);  // of the attention, and of the tower
  check_same_network(checkpoint, without, "");
}

TEST_CASE("With every # of a choice removed the recipe of --explain still makes the same network", "[explanation]") {
  const Checkpoint checkpoint = checkpoint_of(kGolden + "deepctr-torch-softmax/model.whole.pth");
  const Explained first(checkpoint);
  std::string text = first.written_recipe();
  // The first paragraph is prose, and what the tensors tell (relu beside Dice) no recipe may say again.
  text.erase(0, text.find("preset = "));
  for (std::size_t at = text.find("\n# "); at != std::string::npos; at = text.find("\n# ")) text.erase(at + 1, 2);
  check_same_network(checkpoint, first, text);
}

TEST_CASE("The recipe of --explain keeps the text of a recipe that was given", "[explanation]") {
  const Checkpoint checkpoint = checkpoint_of(kGolden + "deepctr-torch-softmax/model.pth");
  const Explained first(checkpoint, read_recipe(kGolden + "deepctr-torch-softmax/recipe.toml"));
  CHECK_THAT(first.written_recipe(), ContainsSubstring(first.recipe.text));
  check_same_network(checkpoint, first, first.written_recipe());
}

TEST_CASE("An explanation has each choice with its source, and each tensor with its use", "[explanation]") {
  const Checkpoint checkpoint = checkpoint_of(kGolden + "deepctr-torch-softmax/model.whole.pth");
  const std::string text = Explained(checkpoint).text();
  CHECK_THAT(text, ContainsSubstring("preset deepctr-torch (DeepCTR-Torch), found by attention.local_att.dense"));
  CHECK_THAT(text, ContainsSubstring("the checkpoint says so") && ContainsSubstring("[attention] softmax = true"));
  CHECK_THAT(text, ContainsSubstring("ASSUMED, nothing says so  [history] keep = \"last\""));
  CHECK_THAT(text, ContainsSubstring("int64    ignored, a counter that only training needs"));
  CHECK_THAT(text, !ContainsSubstring("not used"));
}

TEST_CASE("A checkpoint that does not convert yet is explained as far as that goes", "[explanation]") {
  Checkpoint checkpoint = checkpoint_of(kGolden + "deepctr-torch-softmax/model.whole.pth");
  checkpoint.tensors.push_back(memory_tensor("twin", {1}, {1}));
  const Explained explained(checkpoint);
  REQUIRE(explained.explanation.failure);
  const std::string text = explained.text();
  CHECK_THAT(text, ContainsSubstring("softmax of the logits"));
  CHECK_THAT(text, ContainsSubstring("twin ") && ContainsSubstring("not used"));
  CHECK_THAT(explained.written_recipe(),
             ContainsSubstring("# It does not convert yet: ") && ContainsSubstring("#   \"twin\" [1]\n"));
}

TEST_CASE("For an unknown code the recipe of --explain lists the tensors and shows what to say of them",
          "[explanation]") {
  const Checkpoint checkpoint = memory_checkpoint({memory_tensor("my table", {2, 1}, {1, 2})});
  const Explained explained(checkpoint);
  CHECK(explained.explanation.preset == nullptr);
  REQUIRE(explained.explanation.failure);
  const std::string text = explained.written_recipe();
  CHECK_THAT(text, ContainsSubstring("\npreset = \"generic\"\n") && ContainsSubstring("#   \"my table\" [2, 1]\n"));
}

}  // namespace dinghy::converter
