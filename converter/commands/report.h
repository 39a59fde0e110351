// What a conversion tells the user: what was read, derived and assumed, and how sure it is.
#pragma once

#include <string>
#include <vector>

#include "converter/commands/quantization_options.h"
#include "converter/golden/check.h"
#include "converter/model_file/writer.h"
#include "converter/presets/presets.h"

namespace dinghy::converter {

/// The findings as lines for the provenance: "attention weights: softmax of the logits (recipe)".
std::vector<std::string> notes_of(const Conversion& conversion);

/// What was assumed, as the line of a recipe where one can say otherwise: "a longer history: [history] keep =
/// \"last\"".
std::vector<std::string> assumptions_of(const Conversion& conversion);

/// The report, some lines for a terminal.
std::string report_text(const Conversion& conversion, const Preset& preset, const std::string& output,
                        const WrittenSizes& sizes);

/// The same and the checks for programs: docs/command-line.md has its keys.
std::string report_json(const Conversion& conversion, const Preset& preset, const WrittenSizes& sizes,
                        const std::vector<IsaCheck>& checks, const QuantizationReport& quantization);

/// How golden rows came out, one line for each ISA.
std::string checks_text(const std::vector<IsaCheck>& checks);

}  // namespace dinghy::converter
