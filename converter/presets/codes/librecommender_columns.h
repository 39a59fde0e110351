// The features that a DIN of LibRecommender was built from: widths tell how many there are, the package's
// MODEL_data_info_name_mapping.json their names.
#pragma once

#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

struct LibRecommenderColumns {
  struct Column {
    std::string name;
    bool of_item = false;
  };

  std::string users, items, sparse_table, dense_table;  // tensors
  std::vector<Column> sparse, dense;                    // in the order of the tower
  Certainty certainty = Certainty::assumed;
};

/// ":0" where the names of variables have it, as in the package's .npz.
std::string librecommender_ending(const Checkpoint& checkpoint);

/// Throws Error when the number of features of the item is known but not which they are.
LibRecommenderColumns librecommender_columns(const Conversion& conversion);

}  // namespace dinghy::converter
