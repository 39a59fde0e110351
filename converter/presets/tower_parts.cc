#include "converter/presets/tower_parts.h"

namespace dinghy::converter {

void add_feature_part(Network& network, std::uint32_t feature) {
  network.tower_parts.push_back({{format::Source::feature, feature, 0, network.features[feature].width, 0}, {}});
}

void add_interest_part(Network& network, std::uint32_t interest, std::size_t width) {
  network.tower_parts.push_back({{format::Source::interest, interest, 0, static_cast<std::uint32_t>(width), 0}, {}});
}

std::size_t tower_width(const Network& network) {
  std::size_t width = 0;
  for (const Part& part : network.tower_parts) width += part.operand.width;
  return width;
}

}  // namespace dinghy::converter
