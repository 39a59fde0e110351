// From ids to rows: [ids.FEATURE] of a recipe, and vocabularies.
#pragma once

#include <string>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Sets what [ids.FEATURE] says about a table: first id, hash, vocabulary, what an unknown id does. Nothing without it.
/// Throws Error for rows that the table does not have.
void apply_ids(Conversion& conversion, Table& table, const std::string& feature);

/// Gives a table the vocabulary that the checkpoint or a file beside it holds, unless [ids] of `feature` says how ids
/// become rows. Throws Error for rows that the table does not have, and for missing = "clamp".
void use_vocabulary(Conversion& conversion, int table, const std::string& feature, Vocabulary vocabulary);

}  // namespace dinghy::converter
