// Parts of layers that some trainings of a code have and others have not: no tensor tells whether a file has lost them.
#pragma once

#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Names the layers of a part ("tower") that have none of `what` ("a bias", "batch norm") as an assumption; says
/// nothing where there are no such layers.
void report_absent_parts(Conversion& conversion, const std::string& part, const std::string& what,
                         const std::vector<std::string>& layers);

}  // namespace dinghy::converter
