// Golden cases in the layout of the data beside the repository: rows.jsonl, ranking.jsonl and expected.npz.
#pragma once

#include <string>

namespace dinghy::converter {

/// The rows and ranking requests of a case folder as golden lines, with scores and, where the case has them, attention
/// weights.
std::string golden_lines_of_case(const std::string& folder);

/// The case's own tolerance on the probability.
double tolerance_of_case(const std::string& folder);

}  // namespace dinghy::converter
