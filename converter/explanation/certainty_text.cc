#include "converter/explanation/certainty_text.h"

namespace dinghy::converter {

const char* certainty_text(Certainty certainty) {
  switch (certainty) {
    case Certainty::file:
      return "the checkpoint says so";
    case Certainty::companion:
      return "a file beside the checkpoint says so";
    case Certainty::recipe:
      return "the recipe says so";
    case Certainty::preset:
      return "always so in this code";
    case Certainty::assumed:
      break;
  }
  return "ASSUMED, nothing says so";
}

}  // namespace dinghy::converter
