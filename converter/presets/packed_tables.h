// [packed] of a recipe: tables that the checkpoint holds as rows of bytes with a scale become tables of numbers.
#pragma once

#include "converter/recipe/recipe.h"
#include "converter/tensor.h"

namespace dinghy::converter {

/// Puts in the place of each tensor that the recipe calls packed the table of its numbers, so that presets see what
/// they would see without. packed_form() still knows the rows, and the writer copies them. Throws Error for a tensor
/// that is not there, or is no matrix of uint8 with room for a row.
void unpack_tables(Checkpoint& checkpoint, const Recipe& recipe);

/// For a tensor of uint8 that stands where a table should be: what it may be packed as, and the recipe's line.
std::string packed_hint(const Tensor& tensor);

}  // namespace dinghy::converter
