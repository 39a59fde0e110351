// The origin of a conversion, for the file that it makes.
#pragma once

#include "converter/model_file/provenance.h"
#include "converter/presets/presets.h"

namespace dinghy::converter {

/// Reads the files of the checkpoint once more, for their hash.
Provenance provenance_of(const Conversion& conversion, const Preset& preset);

}  // namespace dinghy::converter
