// A case through a binding, step by step (README.md has the steps).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tests/conformance/runner/binding.h"

namespace dinghy::conformance {

/// Empty where every step comes out as the case says; else which one does not, and why.
std::string run_case(const nlohmann::json& steps, const std::string& models, Binding& binding);

}  // namespace dinghy::conformance
