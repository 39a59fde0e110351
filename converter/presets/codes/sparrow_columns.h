// The feature columns of SparrowRecSys' DIN: from the model configuration, or those of its script.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// A number or an id of a DenseFeatures layer.
struct SparrowColumn {
  std::string name;
  std::string table;        // the tensor; empty: numbers
  std::uint32_t width = 1;  // of numbers
  std::optional<Vocabulary> vocabulary;
  std::optional<std::uint64_t> missing_row;  // of an id that is not known
};

/// One part of the tower's input.
struct SparrowPart {
  enum class Kind { user_columns, interest, movie, movie_columns };
  Kind kind;
  std::vector<SparrowColumn> columns;  // in the order in which DenseFeatures puts them side by side
};

struct SparrowColumns {
  std::vector<SparrowPart> parts;
  Certainty certainty = Certainty::assumed;
};

/// Whether the tables of the feature columns are those of the script.
bool has_script_tables(const Checkpoint& checkpoint);

/// Without a configuration the columns are the script's. Throws Error for columns that are not known here.
SparrowColumns sparrow_columns(const Checkpoint& checkpoint);

}  // namespace dinghy::converter
