#include "converter/presets/attention.h"

#include <cmath>

#include "converter/text/number_text.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

const char* to_text(format::EmptyHistory empty) {
  switch (empty) {
    case format::EmptyHistory::pad_row:
      return "the interest is the row of padding";
    case format::EmptyHistory::reject:
      return "an error";
    default:
      return "the interest is zero";
  }
}

}  // namespace

void choose_normalizer(Conversion& conversion, Interest& interest, bool softmax, Certainty certainty) {
  const auto [chosen, sure] = conversion.decide(conversion.recipe.attention.softmax, softmax, certainty);
  interest.normalizer = chosen ? format::Normalizer::softmax : format::Normalizer::raw;
  conversion.found("attention weights", chosen ? "softmax of the logits" : "the raw logits", sure,
                   RecipeLine{"attention", chosen ? "softmax = true" : "softmax = false"});
}

void choose_scale(Conversion& conversion, Interest& interest, ScaleRecipe scale, std::size_t key_width) {
  const auto [chosen, sure] = conversion.decide(conversion.recipe.attention.scale, scale, Certainty::preset);
  interest.scale = scale_of(chosen, key_width);
  conversion.found(
      "scale of the logits", scale_text(chosen, key_width), sure,
      RecipeLine{"attention", "scale = " + (chosen.by_key_width ? "\"1/sqrt(width)\"" : number_text(chosen.value))});
}

void choose_empty(Conversion& conversion, Interest& interest, format::EmptyHistory empty, Certainty certainty) {
  const auto [chosen, sure] = conversion.decide(conversion.recipe.history.empty, empty, certainty);
  interest.empty = chosen;
  conversion.found("an empty history", to_text(chosen), sure,
                   RecipeLine{"history", "empty = " + json_string(format::EnumNameEmptyHistory(chosen))});
}

double scale_of(const ScaleRecipe& scale, std::size_t key_width) {
  return scale.by_key_width ? 1 / std::sqrt(static_cast<double>(key_width)) : scale.value;
}

std::string scale_text(const ScaleRecipe& scale, std::size_t key_width) {
  return scale.by_key_width ? "1/sqrt(" + std::to_string(key_width) + ")" : number_text(scale.value);
}

}  // namespace dinghy::converter
