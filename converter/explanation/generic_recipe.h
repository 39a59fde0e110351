// A preset's network as a generic recipe with its files: what to edit for a fork of a code.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "converter/explanation/explanation.h"

namespace dinghy::converter {

/// Names of files and their contents: vocabularies, recipe.toml last.
using RecipeFolder = std::vector<std::pair<std::string, std::string>>;

/// The folder whose recipe makes the network of a conversion without its preset. After build_network(). Throws Error
/// for a preset that does not describe its network, and for what no recipe can hold.
RecipeFolder generic_recipe(const Conversion& conversion, const Preset& preset);

}  // namespace dinghy::converter
