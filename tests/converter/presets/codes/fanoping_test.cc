#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/presets/presets.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {

TEST_CASE("Trap 34: fanoping's DIN is recognised and refused, since its embeddings were never saved", "[presets]") {
  const Checkpoint checkpoint = memory_checkpoint({memory_tensor("attn.local_att.fc1.fc.0.weight", {1, 1}, {1}),
                                                   memory_tensor("attn.local_att.fc1.fc.1.bn.weight", {1}, {1}),
                                                   memory_tensor("fc_layer.fc.0.weight", {1, 1}, {1})});
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  const Preset& preset = choose_preset(checkpoint, recipe);
  CHECK_THROWS_MATCHES(build_network(conversion, preset), Error,
                       MessageMatches(ContainsSubstring("lacks the embeddings") && ContainsSubstring("ModuleDict")));
}

}  // namespace dinghy::converter
