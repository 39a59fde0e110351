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

const char* certainty_word(Certainty certainty) {
  switch (certainty) {
    case Certainty::file:
      return "checkpoint";
    case Certainty::companion:
      return "companion";
    case Certainty::recipe:
      return "recipe";
    case Certainty::preset:
      return "code";
    case Certainty::assumed:
      break;
  }
  return "assumed";
}

}  // namespace dinghy::converter
