#include "converter/explanation/explanation.h"

namespace dinghy::converter {

Explanation explain(Conversion& conversion) {
  Explanation explanation;
  for (const Preset* preset : presets()) {
    if (preset->recognises && preset->recognises(conversion.checkpoint)) explanation.recognised_by.push_back(preset);
  }
  try {
    explanation.preset = &choose_preset(conversion.checkpoint, conversion.recipe);
    build_network(conversion, *explanation.preset);
  } catch (const Error& error) {
    explanation.failure = error;
  }
  return explanation;
}

}  // namespace dinghy::converter
