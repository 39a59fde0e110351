// Everything that a recipe says is true of the network, or an error.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// After the network is built, before features get their names in requests. Throws Error for a key of [inputs],
/// [attention], [tower], [epsilon], [history] or [ids] that says otherwise than the network, whether no code read it or
/// the preset could not honour it.
void require_honoured(const Conversion& conversion);

}  // namespace dinghy::converter
