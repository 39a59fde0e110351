// The MLPs of a FuxiCTR DIN: its attention layers and its tower.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// The activation that a word of the parameters means; nothing for Dice and PReLU, which show in the tensors. Throws
/// Error for a word that is not known here.
std::optional<format::ActivationKind> fuxictr_activation(const Checkpoint& checkpoint,
                                                         const std::optional<std::string>& word);

/// The layers of the nn.Sequential `prefix`, the last without activation. `part`: "attention" or "tower"; `by_log`: its
/// activation in the log.
std::vector<LayerRecipe> fuxictr_mlp(const Conversion& conversion, const std::string& prefix, const std::string& part,
                                     const std::optional<std::string>& by_log);

}  // namespace dinghy::converter
