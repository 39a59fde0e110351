// Golden cases in the layout of the data beside the repository: rows.jsonl, ranking.jsonl and expected.npz.
#pragma once

#include <string>

namespace dinghy::converter {

/// The rows and ranking requests of a case folder as golden lines for the model at `model_path`: columns that it knows,
/// scores and, where the case has them, attention weights of each interest.
std::string golden_lines_of_case(const std::string& folder, const std::string& model_path);

/// The case's own tolerance on the probability.
double tolerance_of_case(const std::string& folder);

}  // namespace dinghy::converter
