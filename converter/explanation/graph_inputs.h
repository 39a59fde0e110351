// Which input of a graph became which feature, for people and for programs that make requests out of a graph's inputs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// A table of the inputs, those that the score does not need among them; "" where the checkpoint is no graph.
std::string graph_inputs_text(const Conversion& conversion);

/// The same as a list of objects: docs/command-line.md has their keys. Empty where the checkpoint is no graph.
nlohmann::ordered_json graph_inputs_json(const Conversion& conversion);

}  // namespace dinghy::converter
