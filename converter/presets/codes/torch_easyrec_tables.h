// The embedding tables of a TorchEasyRec checkpoint, sorted by what they are for.
#pragma once

#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

struct TorchEasyRecTable {
  std::string feature;  // "adgroup_id", "click_50_seq__adgroup_id"
  std::string tensor;
};

/// A feature has a table in each: groups of type DEEP and SEQUENCE share none (tzrec/modules/embedding.py:194-195).
struct TorchEasyRecTables {
  std::vector<TorchEasyRecTable> tower;  // in the order of the deep group
  /// A field of the attention: the candidate's table, and that of the behaviours, the same one where the configuration
  /// gave them one embedding_name.
  struct Field {
    TorchEasyRecTable query, key;
  };
  std::vector<Field> fields;
};

/// By the tensors' names, in the file's order or that of the recipe's [inputs]. Throws Error for a file that has lost
/// the order and a recipe that does not tell it, for a behaviour without a candidate to compare it with, and for tables
/// of a kind that is not known.
TorchEasyRecTables torch_easyrec_tables(const Conversion& conversion);

}  // namespace dinghy::converter
