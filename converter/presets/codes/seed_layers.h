// Dense layers of the Keras DIN, with Dice or PReLU where the checkpoint has their tensors beside them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

class SeedLayers {
 public:
  /// `part`: "attention" or "tower"; `by_recipe`: its activation, where no tensors tell.
  SeedLayers(Conversion& conversion, std::string part, std::optional<format::ActivationKind> by_recipe)
      : conversion_(conversion), part_(std::move(part)), by_recipe_(by_recipe) {}

  /// Layers `prefix`0, `prefix`1, …, with Dice in `dice`0, … and PReLU in `prelu`0, …
  std::vector<Layer> take(const std::string& prefix, const std::string& dice, const std::string& prelu,
                          std::size_t inputs);
  /// The Dense layer `name` without an activation; `what` names its inputs in errors.
  Layer linear(const std::string& name, std::size_t inputs, const std::string& what);
  /// Dice in `dice` or PReLU in `prelu`, else what the recipe says, else `known` of the configuration, else sigmoid.
  Activation activation(const std::string& dice, const std::string& prelu, std::size_t width,
                        const std::optional<std::pair<format::ActivationKind, Certainty>>& known = {});

 private:
  bool has(const std::string& tensor) const { return conversion_.claims.has(tensor); }
  NormRecipe norm_of(const std::string& dice, double epsilon) const;
  void report_once(const std::string& value, Certainty sure, std::optional<RecipeLine> line = {});

  Conversion& conversion_;
  std::string part_;
  std::optional<format::ActivationKind> by_recipe_;
};

}  // namespace dinghy::converter
