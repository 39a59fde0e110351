// Golden rows against a model on one ISA, with the tolerance that the ISA gets.
#pragma once

#include <string>

#include "converter/golden/comparison.h"
#include "dinghy/model.h"

namespace dinghy::converter {

struct IsaCheck {
  std::string isa;
  GoldenComparison comparison;
  double tolerance = 0;  // on the probability
  std::string failure;   // one line that names the worst row; empty when all is well
};

/// Scores `lines` (golden rows, called `name` in errors) on `isa`; empty: the engine's choice. `reference` has to keep
/// `tolerance`, float kernels and attention weights that or 1e-5, the larger. `path` is the model's, for errors.
IsaCheck check_isa(const Model& model, const std::string& path, const std::string& isa, const std::string& lines,
                   const std::string& name, double tolerance);

}  // namespace dinghy::converter
