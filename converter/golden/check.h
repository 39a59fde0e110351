// Golden rows against a model on one ISA, with the tolerance that the ISA gets.
#pragma once

#include <string>

#include "converter/golden/comparison.h"
#include "converter/model_file/golden_rows.h"
#include "dinghy/model.h"

namespace dinghy::converter {

struct IsaCheck {
  std::string isa;
  GoldenComparison comparison;
  GoldenTolerance tolerance;
  std::string failure;  // one line that names the worst row; empty when all is well
};

/// Scores `lines` (golden rows, called `name` in errors) on `isa`; empty: the engine's choice. The scores of
/// `reference` have to keep `tolerance`, those of float kernels and all attention weights that or 1e-5, the larger.
/// `path` is the model's, for errors.
IsaCheck check_isa(const Model& model, const std::string& path, const std::string& isa, const std::string& lines,
                   const std::string& name, GoldenTolerance tolerance);

}  // namespace dinghy::converter
