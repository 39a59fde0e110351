// The dien family's DIN with what its golden case does not have. Every layer has the shapes that the scripts give it.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinAbs;

namespace dinghy::converter {
namespace {

void add_layer(Checkpoint& checkpoint, const std::string& scope, int in, int out) {
  checkpoint.tensors.push_back(filled(scope + "/kernel", {in, out}, 0.5));
  checkpoint.tensors.push_back(filled(scope + "/bias", {out}, 0.25));
}

/// Keys of 2 + 2 numbers.
void add_network(Checkpoint& checkpoint, int tower_in) {
  add_layer(checkpoint, "f1_attnull", 16, 3);
  add_layer(checkpoint, "f2_attnull", 3, 2);
  add_layer(checkpoint, "f3_attnull", 2, 1);
  for (const auto& [name, value] :
       {std::pair<std::string, float>{"gamma", 1}, {"beta", 0}, {"moving_mean", 0}, {"moving_variance", 1}}) {
    checkpoint.tensors.push_back(filled("bn1/" + name, {tower_in}, value));
  }
  add_layer(checkpoint, "f1", tower_in, 5);
  add_layer(checkpoint, "f2", 5, 4);
  add_layer(checkpoint, "f3", 4, 2);
}

Checkpoint dien() {
  Checkpoint checkpoint =
      memory_checkpoint({filled("uid_embedding_var", {3, 2}, 1), filled("mid_embedding_var", {4, 2}, 2),
                         filled("cat_embedding_var", {2, 2}, 3)});
  add_network(checkpoint, 2 + 4 * 4);
  checkpoint.tensors.push_back(filled("dice_1/alphadice_1", {5}, 0.75));
  checkpoint.tensors.push_back(filled("dice_2/alphadice_2", {4}, 0.75));
  return checkpoint;
}

Checkpoint mimn() {
  Checkpoint checkpoint = memory_checkpoint({filled("mid_embedding_var", {4, 2}, 2)});
  add_network(checkpoint, 3 * 4);
  checkpoint.tensors.push_back(filled("prelu_1/prelu_prelu_1", {5}, 0.1f));
  checkpoint.tensors.push_back(filled("prelu_2/prelu_prelu_2", {4}, 0.1f));
  return checkpoint;
}

struct Built {
  Network network;
  std::vector<BatchNorm> batch_norms;
};

Built build(const Checkpoint& checkpoint, const std::string& recipe_text = "") {
  const Recipe recipe = parse_recipe(recipe_text, "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  const Preset& preset = choose_preset(checkpoint, recipe);
  CHECK(std::string(preset.name) == "dien");
  build_network(conversion, preset);
  return {conversion.network, conversion.batch_norms};
}

}  // namespace

TEST_CASE("Trap 17: class 0 is the click in the dien family", "[presets]") {
  const Head head = build(dien()).network.head;
  CHECK(head.positive_class == 0);
  CHECK(head.offset == 1e-8);
  CHECK(build(dien()).network.tower.back().weight.cols == 2);
}

TEST_CASE("Trap 15: dien's sum of the history adds padding up to the length of training", "[presets]") {
  const auto pad_to = [](const Network& network) {
    std::vector<std::uint32_t> pads;
    for (const Part& part : network.tower_parts) {
      if (part.operand.source == format::Source::history_sum) pads.push_back(part.operand.pad_to);
      if (part.times) pads.push_back(part.times->pad_to);
    }
    return pads;
  };
  CHECK(pad_to(build(dien()).network) == std::vector<std::uint32_t>(4, 100));  // train.py:29
  CHECK(pad_to(build(dien(), "[history]\nmax_length = 7\n").network) == std::vector<std::uint32_t>(4, 7));
  CHECK(build(dien()).network.features.at(1).pad_row == 0);
}

TEST_CASE("Trap 2: Dice with nothing but alpha waits for the statistics of a calibration", "[presets]") {
  const Built built = build(dien());
  REQUIRE(built.batch_norms.size() == 2);
  CHECK(built.batch_norms[1].layer == 1);
  CHECK(built.batch_norms[1].place == BatchNorm::Place::gate);
  CHECK(built.batch_norms[1].variance_epsilon == 1e-9);
  CHECK(built.batch_norms[1].deviation_epsilon == 1e-9);
  CHECK(built.network.tower.at(1).activation.alpha == Vector(4, 0.75));
}

TEST_CASE("MIMN's DIN has one table, no user, PReLU and a history that its mask cuts", "[presets]") {
  const Built built = build(mimn());
  const Network& network = built.network;
  CHECK(built.batch_norms.empty());
  CHECK(network.tables.size() == 1);
  REQUIRE(network.features.size() == 2);
  CHECK(network.features[0].pad_row == -1);
  CHECK(network.features[1].history_table == 0);
  CHECK(network.interests.at(0).empty == format::EmptyHistory::zero);
  REQUIRE(network.tower_parts.size() == 5);
  CHECK(network.tower_parts[2].operand.source == format::Source::history_sum);
  CHECK(network.tower_parts[2].operand.pad_to == 0);
  CHECK(network.tower.at(0).activation.kind == format::ActivationKind::prelu);
  CHECK_THAT(network.tower.at(0).weight.at(0, 0), WithinAbs(0.5 / std::sqrt(1.001), 1e-12));
}

TEST_CASE("A recurrent network of the dien scripts, ai-matrix' names included, is refused by name", "[presets]") {
  Checkpoint checkpoint = dien();
  checkpoint.tensors.push_back(filled("dien/gru1/gru_cell/gates/kernel", {2, 2}, 1));
  CHECK_THROWS_MATCHES(build(checkpoint), Error,
                       MessageMatches(ContainsSubstring("a recurrent network over the behaviours (DIEN)")));

  const Checkpoint ai_matrix =
      memory_checkpoint({filled("mid_embedding_var", {4, 2}, 2), filled("dien/f1_att1_1/kernel", {16, 3}, 1),
                         filled("dien/gru2/vecattgru_cell/gates/kernel", {2, 2}, 1)});
  CHECK_THROWS_MATCHES(build(ai_matrix), Error, MessageMatches(ContainsSubstring("dien/gru2/vecattgru_cell")));
}

}  // namespace dinghy::converter
