// The inputs of a tower or an MLP by the names of features, interests and MLPs.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// The parts of one input. Throws Error at `where` for an unknown name, for one that a feature has and an interest or
/// MLP too, for a cut outside its vector and for factors of different widths.
std::vector<Part> tower_parts(const Conversion& conversion, const TowerInput& input, const std::string& where);
/// The same of a text as a recipe writes it.
std::vector<Part> tower_parts(const Conversion& conversion, const std::string& input);

/// The width of an interest's result.
std::uint32_t interest_width(const Network& network, const Interest& interest);

}  // namespace dinghy::converter
