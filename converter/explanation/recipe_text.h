// Writes a generic recipe: the text from which parse_recipe() makes the same network.
#pragma once

#include <string>

#include "converter/recipe/recipe.h"

namespace dinghy::converter {

/// The whole recipe; a value that no recipe said has a comment with what says so. `recipe.network` is there. Throws
/// Error for a name that [tower] inputs or fields cannot hold.
std::string recipe_text(const Recipe& recipe);

}  // namespace dinghy::converter
