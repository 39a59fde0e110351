// dinghy convert --explain: what the converter makes of a checkpoint, and a recipe to start from.
#pragma once

#include <string>

#include "converter/recipe/recipe.h"
#include "converter/tensor.h"

namespace dinghy::converter {

/// Prints the explanation, and writes the recipe to `output` unless that is empty. Throws Error when the checkpoint
/// does not convert, after all that; and when `output` is there already, before.
void explain_checkpoint(const Checkpoint& checkpoint, const Recipe& recipe, const std::string& output);

/// The same, but makes the folder `output` with a generic recipe and its vocabularies; nothing when the checkpoint does
/// not convert.
void explain_as_generic(const Checkpoint& checkpoint, const Recipe& recipe, const std::string& output);

}  // namespace dinghy::converter
