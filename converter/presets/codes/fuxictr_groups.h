// Which histories a FuxiCTR DIN compares with which fields of the candidate.
#pragma once

#include <cstdint>
#include <vector>

#include "converter/presets/codes/fuxictr_features.h"
#include "converter/presets/codes/fuxictr_log.h"
#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// One group for each attention layer; `widths` are those of its keys. The recipe's [inputs] history, the log's groups,
/// or what sharing tells: a history is compared with the feature whose table it has, in the map's order. Without the
/// log consecutive histories form a group as wide as its layer. Throws Error where none gives an answer, and for a
/// history that no group has.
std::vector<FuxictrGroup> fuxictr_groups(Conversion& conversion, const std::vector<FuxictrFeature>& features,
                                         const FuxictrParameters& parameters, const std::vector<std::size_t>& widths,
                                         std::size_t embedding_width);

}  // namespace dinghy::converter
