// fun-rec's DIN is known, to say why it has no score.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

// The attention `layer` with one more variable in it.
void build(const std::string& layer, const std::string& variable) {
  std::vector<Tensor> tensors = {memory_tensor(layer + "/feed_forward_layer/dense/kernel", {4, 1}, {1, 1, 1, 1}),
                                 memory_tensor(layer + "/" + variable, {1}, {0}),
                                 memory_tensor("din_output/kernel", {1, 1}, {1})};
  const Checkpoint checkpoint = memory_checkpoint(std::move(tensors));
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
}

}  // namespace

TEST_CASE("Trap 2: fun-rec's Dice normalizes each step of the attention by the batch, so its DIN is refused",
          "[presets]") {
  for (const auto& [layer, alpha] : {std::pair("last_k_clicked_items_din_layer", "feed_forward_layer/dice_1/alpha"),
                                     std::pair("last_k_clicked_items_din_layer", "ffn_layer/activations/dice/vars/0"),
                                     std::pair("din_attention_layer", "ffn_layer/activations/dice/vars/0")}) {
    CHECK_THROWS_MATCHES(build(layer, alpha), Error,
                         MessageMatches(ContainsSubstring("the batch that is being scored") &&
                                        ContainsSubstring("--calibrate knows towers only")));
  }
}

TEST_CASE("fun-rec's DIN with another activation is sent to the generic recipe", "[presets]") {
  CHECK_THROWS_MATCHES(build("last_k_clicked_items_din_layer", "feed_forward_layer/dense/bias"), Error,
                       MessageMatches(ContainsSubstring("preset = \"generic\"")));
}

}  // namespace dinghy::converter
