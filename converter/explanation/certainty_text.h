// How sure the converter is of something, in the words of reports, recipes and the provenance.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// "the recipe says so"
const char* certainty_text(Certainty certainty);
/// "checkpoint", "companion", "recipe", "code", "assumed": for programs.
const char* certainty_word(Certainty certainty);

}  // namespace dinghy::converter
