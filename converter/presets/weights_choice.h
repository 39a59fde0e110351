// Which of the weights that a file holds of one network are converted.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Makes the weights that the recipe names those of `checkpoint`. Throws Error for a name that it has not, and for
/// weights that cannot be taken. Without a word in the recipe nothing changes.
void choose_weights(Checkpoint& checkpoint, const Recipe& recipe);

/// Says which weights are converted and what was taken off around them.
void report_weights(Conversion& conversion);

/// Throws Error where the file has several weights and the recipe does not choose: all would convert, and score
/// differently.
void require_weights_chosen(const Conversion& conversion);

/// The question that it would ask, for a message that stops earlier; empty where nothing is open.
std::string open_weights_text(const Conversion& conversion);

}  // namespace dinghy::converter
