// From ids to rows: [ids.FEATURE] of a recipe, and vocabularies.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Sets what [ids.FEATURE] says about a table: first id, hash, vocabulary, what an unknown id does. Nothing without it.
/// Throws Error for rows that the table does not have.
void apply_ids(Conversion& conversion, Table& table, const std::string& feature);

/// The vocabulary of ids as text, each with its row. Ids are numbers where all of them are whole numbers of 64 bits
/// that are written in the one usual way ("7", not "07", "+7" or "7.0"), else strings.
Vocabulary vocabulary_of(std::string name, std::vector<std::pair<std::string, std::uint64_t>> ids);

/// Gives a table the vocabulary that the checkpoint or a file beside it holds, unless [ids] of `feature` says how ids
/// become rows. Throws Error for rows that the table does not have, and for missing = "clamp".
void use_vocabulary(Conversion& conversion, int table, const std::string& feature, Vocabulary vocabulary);

/// The same of ids that a preset describes, with the row of those that are not among them, unless [ids] says it. Throws
/// Error too where the table does not have that row.
void use_found_ids(Conversion& conversion, int table, const std::string& feature, const FoundIds& ids);

}  // namespace dinghy::converter
