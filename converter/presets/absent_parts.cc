#include "converter/presets/absent_parts.h"

#include "converter/text/suggestion.h"

namespace dinghy::converter {

void report_absent_parts(Conversion& conversion, const std::string& part, const std::string& what,
                         const std::vector<std::string>& layers) {
  if (layers.empty()) return;
  conversion.found("layers of the " + part + " without " + what, listed(layers), Certainty::assumed);
}

}  // namespace dinghy::converter
