// [inputs] of a recipe: roles of features, and names of dense features, which no tensor holds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

struct NamedWidth {
  std::string name;
  std::uint32_t width;
};

/// The dense features that [inputs] names, in the order in which the network takes them: `dense`, or the names in
/// user, context and candidate that are no table. Throws Error when several of those lists hold some and `dense` does
/// not tell the order.
std::vector<NamedWidth> dense_inputs(const Conversion& conversion, const std::vector<std::string>& tables);

/// The role that [inputs] gives a feature; without [inputs] user, context and candidate `assumed`. Throws Error for a
/// feature that no list or more than one has.
format::Role role_of(const Conversion& conversion, const std::string& feature, format::Role assumed);

/// The features of user, context and candidate, in the order in which the recipe lists them.
std::vector<std::string> named_inputs(const InputsRecipe& inputs);

/// True for a file that sorts its tensors by name, as TensorFlow and safetensors do: the order in which the network
/// takes its features is lost.
bool has_lost_order(const Checkpoint& checkpoint);

/// Features in the order in which the network takes them: that of [inputs] order, else that of their tensors, which is
/// what `names` has. Throws Error where the checkpoint has lost it and no recipe tells it, and for an `order` that is
/// not all of them.
std::vector<std::string> network_order(Conversion& conversion, std::vector<std::string> names);

/// How sure the roles are.
Certainty roles_certainty(const Conversion& conversion);

/// Throws Error when [inputs] names a feature that the network has not.
void check_inputs(const Conversion& conversion);

}  // namespace dinghy::converter
