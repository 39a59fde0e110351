// What the converter makes of a checkpoint and how it knows, before it writes anything: for `dinghy convert --explain`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converter/error.h"
#include "converter/presets/presets.h"

namespace dinghy::converter {

struct Explanation {
  const Preset* preset = nullptr;            // nullptr: neither tensors nor recipe name one
  std::vector<const Preset*> recognised_by;  // by the tensors' names, in the order in which they are asked
  std::optional<Error> failure;              // why it does not convert; none: it does
};

/// Builds the network as far as that goes. What was found until a failure stays in `conversion`.
Explanation explain(Conversion& conversion);

/// Format, preset, every choice with its source, features, tensors with their use.
std::string explanation_text(const Conversion& conversion, const Explanation& explanation);

/// A recipe to start from: choices that nothing confirms, as lines; those that something settles, as comments. With a
/// recipe that was given, its text comes first. As long as the checkpoint does not convert it lists the tensors.
std::string starting_recipe(const Conversion& conversion, const Explanation& explanation);

}  // namespace dinghy::converter
