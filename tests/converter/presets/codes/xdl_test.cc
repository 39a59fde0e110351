// The XDL script's own network, which its golden case, exported for Blaze, is not.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "converter/presets/presets.h"
#include "converter/readers/read_checkpoint.h"

namespace dinghy::converter {
namespace {

Checkpoint without_dice_statistics() {
  Checkpoint checkpoint = read_checkpoint(DINGHY_SOURCE_DIR "/tests/golden/xdl-form");
  std::erase_if(checkpoint.tensors,
                [](const Tensor& tensor) { return tensor.name.find("batch_normalization") != std::string::npos; });
  return checkpoint;
}

}  // namespace

TEST_CASE("Trap 2: XDL's tower without the statistics of Dice is the script's, whose batch norm takes the batch's too",
          "[presets]") {
  const Checkpoint checkpoint = without_dice_statistics();
  const Recipe recipe;
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  REQUIRE(conversion.batch_norms.size() == 3);
  CHECK(std::ranges::count(conversion.batch_norms, BatchNorm::Place::input, &BatchNorm::place) == 1);
  CHECK(std::ranges::count(conversion.batch_norms, std::size_t{1}, &BatchNorm::layer) == 1);
  const auto input = std::ranges::find(conversion.batch_norms, BatchNorm::Place::input, &BatchNorm::place);
  CHECK(input->variance_epsilon == 1e-3);
  CHECK(input->layer == 0);
  // gamma stays in the weights, the moving statistics do not.
  const double gamma = checkpoint.find("tf_model/bn1/gamma")->values()[0];
  CHECK(conversion.network.tower[0].weight.at(0, 0) == gamma * checkpoint.find("tf_model/f1/kernel")->values()[0]);
  const auto& ignored = conversion.claims.ignored();
  CHECK(std::ranges::count_if(ignored,
                              [](const auto& entry) { return entry.first.starts_with("tf_model/bn1/moving_"); }) == 2);
}

}  // namespace dinghy::converter
