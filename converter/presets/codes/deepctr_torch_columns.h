// The feature columns that a DIN of DeepCTR-Torch was built from: in a whole module they are in the file, for a
// state_dict they follow from the tables and the recipe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

struct DeepctrTorchColumns {
  struct Sparse {
    std::string name;
    std::string table;  // in embedding_dict
  };
  struct Dense {
    std::string name;
    std::uint32_t width;
  };
  struct History {
    std::string feature;  // the sparse feature whose behaviours it holds
    std::string table;
  };

  std::vector<Sparse> sparse;
  std::vector<Dense> dense;
  std::vector<History> history;  // in the order of the keys
  std::uint32_t max_length = 0;  // 0: unknown
  Certainty certainty = Certainty::file;
};

/// Whether the checkpoint is a whole module with its feature columns.
bool holds_columns(const Checkpoint& checkpoint);

/// Throws Error for a sequence that is pooled without attention, which this preset cannot convert.
DeepctrTorchColumns columns_of_module(const Checkpoint& checkpoint);

/// From the names in embedding_dict and [inputs] of the recipe. Throws Error when they do not tell the history's
/// columns or contradict each other.
DeepctrTorchColumns columns_of_tables(Conversion& conversion);

}  // namespace dinghy::converter
