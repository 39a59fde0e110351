// Which preset takes which checkpoint: every golden one has one preset, and what is nearly one has none.
#include "converter/presets/presets.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "converter/error.h"
#include "converter/readers/companions.h"
#include "converter/readers/read_checkpoint.h"
#include "tests/converter/memory_tensor.h"
#include "tests/converter/presets/known_checkpoints.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

std::vector<std::string> takers(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const Preset* preset : presets_for(checkpoint)) names.emplace_back(preset->name);
  return names;
}

std::vector<std::string> only(const std::string& preset) {
  return preset.empty() ? std::vector<std::string>{} : std::vector{preset};
}

// Without one of its tensors, and with that one renamed, a checkpoint is that preset's or nobody's; with all of them
// renamed it is nobody's. Graphs are known without names.
void check_near_misses(const Checkpoint& checkpoint, const std::string& preset) {
  if (checkpoint.graph) return;
  Checkpoint unknown = checkpoint;
  for (std::size_t i = 0; i < checkpoint.tensors.size(); ++i) {
    INFO("without " << checkpoint.tensors[i].name);
    Checkpoint nearly = checkpoint;
    nearly.tensors[i].name += "_of_another";
    const std::vector<std::string> renamed = takers(nearly);
    nearly.tensors.erase(nearly.tensors.begin() + static_cast<std::ptrdiff_t>(i));
    const std::vector<std::string> dropped = takers(nearly);
    for (const auto& names : {renamed, dropped}) CHECK((names.empty() || names == only(preset)));
    unknown.tensors[i].name = "another" + std::to_string(i);
  }
  CHECK(takers(unknown).empty());
}

void check_table(std::span<const KnownCheckpoint> table, const std::string& folder) {
  for (const KnownCheckpoint& known : table) {
    INFO(known.file);
    Checkpoint checkpoint = read_checkpoint(folder + known.file);
    add_companions(checkpoint, {});
    CHECK(takers(checkpoint) == only(known.preset));
    check_near_misses(checkpoint, known.preset);
  }
}

}  // namespace

TEST_CASE("Trap 47: exactly one preset takes each golden checkpoint, and none what is nearly one", "[presets]") {
  check_table(own_checkpoints(), kOwnFolder);
  check_table(trained_checkpoints(), kTrainedFolder);
}

TEST_CASE("presets: every golden case is in the table of who takes what", "[presets]") {
  for (const auto& entry : std::filesystem::directory_iterator(kOwnFolder)) {
    if (!entry.is_directory() || !std::filesystem::exists(entry.path() / "golden.jsonl")) continue;
    const std::string folder = entry.path().filename();
    INFO(folder);
    CHECK(std::ranges::any_of(own_checkpoints(), [&](const KnownCheckpoint& known) {
      return known.file == folder || known.file.starts_with(folder + "/");
    }));
  }
}

TEST_CASE("Trap 47: a checkpoint that two presets know asks which", "[presets]") {
  const Checkpoint both =
      memory_checkpoint({zeros("attention.local_att.dense.weight", {1, 4}), zeros("attention.dense.weight", {1, 4}),
                         zeros("token_embedding.item.weight", {1, 4}), zeros("attn.local_att.fc1.fc.0.weight", {1, 4}),
                         zeros("mid_embeddings.embeddings.weight", {1, 4})});
  CHECK_THROWS_MATCHES(choose_preset(both, {}), Error,
                       MessageMatches(ContainsSubstring("ctr-din-pytorch") && ContainsSubstring("deepctr-torch") &&
                                      ContainsSubstring("preset = \"")));
  Recipe recipe;
  recipe.preset = "deepctr-torch";
  CHECK(choose_preset(both, recipe).name == std::string("deepctr-torch"));
}

TEST_CASE("Trap 47: a Keras DIN with other feature columns than SparrowRecSys' is not taken for it", "[presets]") {
  const auto with_columns = [](const std::vector<std::string>& columns) {
    std::vector<Tensor> tensors = {zeros("dense/kernel", {4, 2}),         zeros("dense_1/kernel", {2, 1}),
                                   zeros("dense_2/kernel", {9, 2}),       zeros("dense_3/kernel", {2, 1}),
                                   zeros("embedding/embeddings", {4, 1}), zeros("p_re_lu/alpha", {3, 2}),
                                   zeros("p_re_lu_1/alpha", {2})};
    for (const std::string& column : columns) {
      tensors.push_back(zeros("dense_features/" + column + "_embedding/embedding_weights", {5, 1}));
    }
    return memory_checkpoint(tensors);
  };
  CHECK(takers(with_columns({"userId", "userGenre1", "movieGenre1"})) == only("sparrow"));
  CHECK(takers(with_columns({"customer", "segment", "brand"})).empty());
  CHECK(takers(with_columns({"userId", "userGenre1", "movieGenre1", "brand"})).empty());
  CHECK(takers(with_columns({})).empty());
}

TEST_CASE("presets: a pattern in [ignore] is all that the network leaves over, and never nothing", "[presets]") {
  Checkpoint checkpoint = read_checkpoint(kOwnFolder + "seed-npz/din.npz");
  for (const char* name : {"teacher/w", "teacher/b", "notes"}) checkpoint.tensors.push_back(zeros(name, {2}));
  const auto ignoring = [&](const std::string& lines) {
    const Recipe recipe = parse_recipe("[ignore]\n" + lines, "r.toml");
    Conversion conversion(checkpoint, recipe);
    build_network(conversion, choose_preset(checkpoint, recipe));
    return conversion.claims.ignored().size();
  };
  CHECK(ignoring("\"teacher/*\" = \"another network\"\nnotes = \"for people\"\n") == 3);
  CHECK(ignoring("\"*\" = \"whatever is left\"\n") == 3);
  CHECK_THROWS_MATCHES(ignoring("\"*\" = \"all\"\n\"pupil/*\" = \"none\"\n"), Error,
                       MessageMatches(ContainsSubstring("[ignore] has \"pupil/*\", which is no tensor")));
  CHECK_THROWS_MATCHES(ignoring("\"*\" = \"all\"\n\"attention/score/kernel\" = \"needed\"\n"), Error,
                       MessageMatches(ContainsSubstring("which the network needs")));
}

TEST_CASE("presets: a layer that alone has no bias is an assumption", "[presets]") {
  const auto assumed = [](const Checkpoint& checkpoint) {
    const Recipe recipe = read_recipe(kOwnFolder + "deepctr-torch-softmax/recipe.toml");
    Conversion conversion(checkpoint, recipe);
    build_network(conversion, choose_preset(checkpoint, recipe));
    return std::ranges::any_of(conversion.findings, [](const Finding& finding) {
      return finding.subject == "layers of the attention without a bias" && finding.certainty == Certainty::assumed &&
             finding.value == "attention.local_att.dnn.linears.1";
    });
  };
  Checkpoint checkpoint = read_checkpoint(kOwnFolder + "deepctr-torch-softmax/model.pth");
  CHECK_FALSE(assumed(checkpoint));
  std::erase_if(checkpoint.tensors,
                [](const Tensor& tensor) { return tensor.name == "attention.local_att.dnn.linears.1.bias"; });
  CHECK(assumed(checkpoint));
}

}  // namespace dinghy::converter
