// A recipe may state an activation only where the checkpoint leaves it open.
#pragma once

#include <optional>
#include <string>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Throws Error when the recipe states an activation of `part`, "attention" or "tower", which in fact is `known`.
void refuse_activation(const Conversion& conversion, std::optional<format::ActivationKind> by_recipe,
                       const std::string& part, const std::string& known);

}  // namespace dinghy::converter
