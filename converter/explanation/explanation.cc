#include "converter/explanation/explanation.h"

namespace dinghy::converter {

Explanation explain(Conversion& conversion) {
  Explanation explanation;
  explanation.recognised_by = presets_for(conversion.checkpoint);
  try {
    explanation.preset = &choose_preset(conversion.checkpoint, conversion.recipe);
    build_network(conversion, *explanation.preset);
  } catch (const Error& error) {
    explanation.failure = error;
  }
  return explanation;
}

}  // namespace dinghy::converter
