#include <catch2/catch_test_macros.hpp>
#include <cmath>

#include "dinghy/isa.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {

TEST_CASE("denormals in tables and weights change no score", "[scoring]") {
  converter::Network network = random_network({.field_widths = {8, 4}, .seed = 41});
  for (converter::Layer& layer : network.interests[0].layers) {
    for (std::size_t i = 0; i < layer.weight.values.size(); i += 2) layer.weight.values[i] = 1e-40;
  }
  for (converter::Table& table : network.tables) {
    if (table.name == "field1") table.source = random_tensor("field1", kItems, 4, 1e-39);
  }
  const ModelFile file(network);
  const Model model = file.open();
  const Request request = random_request(model, 9, 30, 1);
  const Scores expected = score(model, request, "reference");
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    const Scores got = score(model, request, isa.name);
    for (std::size_t n = 0; n < 9; ++n) CHECK(std::fabs(got.scores[n] - expected.scores[n]) <= 1e-6f);
  }
}

}  // namespace dinghy::tests
