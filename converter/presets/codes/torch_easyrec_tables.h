// The embedding tables of a TorchEasyRec checkpoint, sorted by what they are for.
#pragma once

#include <string>
#include <vector>

#include "converter/presets/codes/torch_easyrec_config.h"
#include "converter/presets/conversion.h"

namespace dinghy::converter {

struct TorchEasyRecTable {
  std::string feature;  // "adgroup_id", "click_50_seq__adgroup_id"
  std::string tensor;   // empty for a feature of numbers
};

/// A feature has a table in each: groups of type DEEP and SEQUENCE share none (tzrec/modules/embedding.py:194-195).
struct TorchEasyRecTables {
  struct Tower {
    std::string group;
    std::vector<TorchEasyRecTable> features;  // in the order of its input
  };
  std::vector<Tower> towers;
  /// A field of the attention: the candidate's table, and that of the behaviours, the same one where the configuration
  /// gave them one embedding_name.
  struct Field {
    TorchEasyRecTable query, key;
  };
  std::vector<Field> fields;
};

/// By `config`, where there is one, else by the tensors' names, in the file's order or that of the recipe's [inputs].
/// Throws Error for tables of a kind that is not known; without a configuration also for several towers, for a file
/// that has lost the order and a recipe that does not tell it, and for a behaviour without a candidate to compare it
/// with.
TorchEasyRecTables torch_easyrec_tables(const Conversion& conversion, const TorchEasyRecConfig* config);

}  // namespace dinghy::converter
