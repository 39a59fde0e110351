// The features that a DIN of torch-rechub was built from, as far as tables and widths tell them.
#pragma once

#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

struct TorchRechubColumns {
  std::vector<std::string> features;   // at the end of the tower's input
  std::vector<std::string> targets;    // in its middle; the first of them are compared with the histories
  std::vector<std::string> histories;  // for each history the table of its behaviours
  Certainty certainty = Certainty::assumed;
  bool shared = false;  // the histories have no tables of their own

  /// All features once: first `features`, then what else is in `targets`.
  std::vector<std::string> distinct() const;
};

/// The tensor of a table in embed_dict.
std::string torch_rechub_table(const std::string& name);

/// From embed_dict, from the number of attention layers and from the width of the tower's input, with [inputs] history
/// of the recipe. Throws Error when they do not tell which features are compared with the history.
TorchRechubColumns torch_rechub_columns(Conversion& conversion);

}  // namespace dinghy::converter
