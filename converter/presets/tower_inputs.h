// The input of a tower or an MLP as a recipe writes it: "user", "interest", "sum:item", "interest*[item,category]".
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// The parts of one input. A name is an interest, an MLP or a feature, "sum:NAME" and "mean:NAME" are over the history,
/// "sum:NAME:50" with the padding of a history shorter than 50, NAME[0:8] is its first eight numbers, […] puts vectors
/// side by side, A*B multiplies element by element. Throws Error at `where` for an unknown name and for factors of
/// different widths.
std::vector<Part> parse_tower_input(const Conversion& conversion, const std::string& text, const std::string& where);

/// The width of an interest's result.
std::uint32_t interest_width(const Network& network, const Interest& interest);

}  // namespace dinghy::converter
