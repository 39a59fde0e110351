// The network that the preset makes of a checkpoint with the names and shapes of ctr-din-pytorch, whose scores nobody
// compared; and MetaSpore's, which is refused.
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

// Vectors of 2 numbers; [uid, mid, cat, two sums, two products, interest of 4].
Checkpoint small_checkpoint() {
  std::vector<Tensor> tensors = {ones("uid_embeddings.embeddings.weight", {5, 2}),
                                 ones("mid_embeddings.embeddings.weight", {7, 2}),
                                 ones("cat_embeddings.embeddings.weight", {4, 2}),
                                 filled("mlp.0.fc.0.weight", {18}, 2),
                                 filled("mlp.0.fc.0.bias", {18}, 0),
                                 filled("mlp.0.fc.0.running_mean", {18}, 0),
                                 filled("mlp.0.fc.0.running_var", {18}, 4),
                                 ones("mlp.0.fc.1.weight", {3, 18}),
                                 ones("mlp.0.fc.1.bias", {3}),
                                 filled("mlp.0.fc.2.alphas", {3}, 0.5f),
                                 ones("mlp.1.fc.0.weight", {2, 3}),
                                 ones("mlp.1.fc.0.bias", {2}),
                                 filled("mlp.1.fc.1.alphas", {2}, 0.5f),
                                 ones("mlp.2.fc.0.weight", {2, 2})};
  for (const auto& [name, inputs, outputs] :
       {std::tuple("fc1", 16, 3), std::tuple("fc2", 3, 2), std::tuple("fc3", 2, 1)}) {
    tensors.push_back(ones("attn.local_att." + std::string(name) + ".fc.0.weight", {outputs, inputs}));
    tensors.push_back(ones("attn.local_att." + std::string(name) + ".fc.0.bias", {outputs}));
  }
  return memory_checkpoint(std::move(tensors));
}

}  // namespace

TEST_CASE("Trap 13: ctr-din-pytorch multiplies logits with the mask, so padding has the logit 0 in the softmax",
          "[presets]") {
  const Checkpoint checkpoint = small_checkpoint();
  const Recipe recipe = parse_recipe("[history]\nmax_length = 9\n", "recipe.toml");
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  const Network& network = conversion.network;
  const Interest& interest = network.interests[0];
  CHECK(interest.pads == format::Pads::zero_logit);
  CHECK(interest.pad_to == 9);
  CHECK(interest.normalizer == format::Normalizer::softmax);
  CHECK(interest.scale == 1);
  CHECK(interest.layers[1].activation.kind == format::ActivationKind::sigmoid);
  CHECK(interest.layers[2].activation.kind == format::ActivationKind::identity);
}

TEST_CASE("The tower of ctr-din-pytorch sums padded histories, and its Dice needs a calibration", "[presets]") {
  const Checkpoint checkpoint = small_checkpoint();
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  const Network& network = conversion.network;
  REQUIRE(network.tower_parts.size() == 8);
  CHECK(network.tower_parts[3].operand.source == format::Source::history_sum);
  CHECK(network.tower_parts[3].operand.pad_to == 100);
  CHECK(network.tower_parts[5].times->pad_to == 100);
  CHECK(network.tower[0].weight.at(0, 0) == Catch::Approx(2 / std::sqrt(4 + 1e-5)));
  CHECK(network.tower[2].bias.empty());
  CHECK(network.head.positive_class == 0);
  CHECK(network.head.offset == 0);
  CHECK(conversion.batch_norms.size() == 2);
}

TEST_CASE("MetaSpore's module, which lacks the embeddings, is refused with the reason", "[presets]") {
  const Checkpoint checkpoint = memory_checkpoint({ones("DIN_attention.att_mlp_layers.dnn.1.weight", {3, 8})});
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  CHECK_THROWS_MATCHES(build_network(conversion, choose_preset(checkpoint, recipe)), Error,
                       MessageMatches(ContainsSubstring("keeps them in its parameter server")));
}

}  // namespace dinghy::converter
