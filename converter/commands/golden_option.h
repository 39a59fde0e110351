// --check of `convert`: golden rows from a file, against the model that is about to get its name.
#pragma once

#include <string>
#include <vector>

#include "converter/golden/check.h"
#include "converter/model_file/golden_rows.h"
#include "dinghy/model.h"

namespace dinghy::converter {

/// The rows of a file, none for an empty path; `tolerance` is on scores and attention weights. Throws Error for a file
/// without rows.
GoldenRows read_golden(const std::string& path, double tolerance);

/// On `reference` and on the engine's choice; nothing without rows. `path` is that of the rows. Throws Error at
/// `checkpoint` for the worst row beyond the tolerance, with `assumed`: what nothing has confirmed.
std::vector<IsaCheck> check_golden(const Model& model, const GoldenRows& golden, const std::string& path,
                                   const std::string& checkpoint, const std::vector<std::string>& assumed);

/// The tolerance that these rows get in a model whose tables are not stored exactly: the one they had, and how far its
/// `reference` is off on them, rounded up to two digits; scores and attention weights each have their own. In a model
/// that computes in integers it is how far the ISA that is off most is, and as much again for ISAs that are not here.
GoldenTolerance tolerance_of_stored(const Model& model, const GoldenRows& golden, const std::string& path);

}  // namespace dinghy::converter
