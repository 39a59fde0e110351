// Values of a case, as JSON, become columns; scores and weights of a case are compared.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tests/conformance/runner/binding.h"

namespace dinghy::conformance {

/// The part `rows` of a step: a list for each feature; nothing where the step has no such part.
Part rows_of(const nlohmann::json& step, const char* part, const std::vector<FeatureInfo>& features);
/// A part with one value for each feature, as `user` and `context` have.
Part values_of(const nlohmann::json& step, const char* part, const std::vector<FeatureInfo>& features);
/// How many rows the part has: those of its first feature.
std::size_t row_count(const nlohmann::json& step, const char* part);

/// All numbers of nested lists, in their order.
std::vector<float> flat(const nlohmann::json& numbers);
/// Empty where the two are as long as each other and differ by at most `tolerance`; else what is wrong.
std::string difference(const std::vector<float>& got, const std::vector<float>& expected, double tolerance);

}  // namespace dinghy::conformance
