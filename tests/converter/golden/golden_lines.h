// Golden cases in the layout of the data beside the repository: rows.jsonl, ranking.jsonl and expected.npz.
#pragma once

#include <string>

#include "dinghy/model.h"

namespace dinghy::converter {

/// The rows and ranking requests of a case folder as golden lines for the model at `model_path`: columns that it knows,
/// scores and, where the case has them, attention weights of each interest.
std::string golden_lines_of_case(const std::string& folder, const std::string& model_path);

/// Golden lines with the columns alone that the model has; a column of the history that is a feature of its own in the
/// model is called "hist_item" there, not "item".
std::string lines_for_model(const std::string& lines, const Model& model);

/// The case's own tolerance on the probability.
double tolerance_of_case(const std::string& folder);

}  // namespace dinghy::converter
