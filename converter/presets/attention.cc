#include "converter/presets/attention.h"

#include <cmath>

#include "converter/error.h"
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

const char* to_text(format::Pads pads) {
  switch (pads) {
    case format::Pads::attend:
      return "takes part like behaviours";
    case format::Pads::denominator:
      return "takes part in the softmax, then its weight is dropped";
    case format::Pads::zero_logit:
      return "takes part with the logit 0";
    default:
      return "takes no part";
  }
}

const char* to_text(format::Normalizer normalizer) {
  switch (normalizer) {
    case format::Normalizer::softmax:
      return "softmax of the logits";
    case format::Normalizer::raw:
      return "the raw logits";
    case format::Normalizer::sigmoid:
      return "sigmoid of the logits";
    default:
      return "one for each behaviour";
  }
}

// Where several are described, a finding says whose it is.
std::string of(const Conversion& conversion, const Interest& interest) {
  return conversion.description && conversion.description->interests.size() > 1 ? " of " + interest.name : "";
}

// No line in a recipe that says all itself.
std::optional<RecipeLine> line(const Conversion& conversion, const char* section, std::string text) {
  if (conversion.recipe.network) return std::nullopt;
  return RecipeLine{section, std::move(text)};
}

void set_normalizer(Conversion& conversion, Interest& interest, const Sourced<format::Normalizer>& normalizer) {
  interest.normalizer = normalizer.value;
  const bool softmax = normalizer.value == format::Normalizer::softmax;
  conversion.found("attention weights" + of(conversion, interest), to_text(normalizer.value), normalizer.certainty,
                   line(conversion, "attention", softmax ? "softmax = true" : "softmax = false"));
}

void set_scale(Conversion& conversion, Interest& interest, const Sourced<ScaleRecipe>& scale, std::size_t key_width) {
  interest.scale = scale_of(scale.value, key_width);
  const std::string number = scale.value.by_key_width ? "\"1/sqrt(width)\"" : number_text(scale.value.value);
  conversion.found("scale of the logits" + of(conversion, interest), scale_text(scale.value, key_width),
                   scale.certainty, line(conversion, "attention", "scale = " + number));
}

void set_pads(Conversion& conversion, Interest& interest, const Sourced<format::Pads>& pads, std::uint32_t pad_to) {
  interest.pads = pads.value;
  interest.pad_to = pad_to;
  conversion.found("padding of a history to " + std::to_string(pad_to) + of(conversion, interest), to_text(pads.value),
                   pads.certainty);
}

// Of a history without behaviours nothing is left to say.
bool is_all_padding(format::Pads pads) { return pads == format::Pads::attend || pads == format::Pads::zero_logit; }

void report_empty(Conversion& conversion, const Sourced<format::EmptyHistory>& empty) {
  conversion.found("an empty history", to_text(empty.value), empty.certainty,
                   RecipeLine{"history", "empty = " + json_string(format::EnumNameEmptyHistory(empty.value))});
}

}  // namespace

std::uint32_t key_width(const Network& network, const std::vector<Field>& fields) {
  std::uint32_t width = 0;
  for (const Field& field : fields) width += network.features[field.key].width;
  return width;
}

std::vector<Field> history_fields(const Network& network) {
  std::vector<Field> fields;
  for (std::uint32_t i = 0; i < network.features.size(); ++i) {
    if (network.features[i].sequence >= 0) fields.push_back({i, i});
  }
  return fields;
}

void choose_normalizer(Conversion& conversion, Interest& interest, bool softmax, Certainty certainty) {
  const auto [chosen, sure] = conversion.decide(conversion.recipe.attention.softmax, softmax, certainty);
  set_normalizer(conversion, interest, {chosen ? format::Normalizer::softmax : format::Normalizer::raw, sure});
}

void choose_scale(Conversion& conversion, Interest& interest, ScaleRecipe scale, std::size_t key_width) {
  const auto [chosen, sure] = conversion.decide(conversion.recipe.attention.scale, scale, Certainty::preset);
  set_scale(conversion, interest, {chosen, sure}, key_width);
}

void choose_empty(Conversion& conversion, Interest& interest, format::EmptyHistory empty, Certainty certainty) {
  const auto [chosen, sure] = conversion.decide(conversion.recipe.history.empty, empty, certainty);
  interest.empty = chosen;
  report_empty(conversion, {chosen, sure});
}

void set_knobs(Conversion& conversion, Interest& interest, const InterestRecipe& recipe, std::size_t key_width) {
  set_normalizer(conversion, interest, recipe.normalizer);
  set_scale(conversion, interest, recipe.scale, key_width);
  interest.empty = recipe.empty.value.value();
  if (recipe.pads.value != format::Pads::excluded) set_pads(conversion, interest, recipe.pads, recipe.pad_to);
  const bool says_empty = !is_all_padding(recipe.pads.value) || recipe.empty.certainty == Certainty::recipe;
  if (says_empty) report_empty(conversion, {interest.empty, recipe.empty.certainty});
}

void choose_pads(Conversion& conversion, Interest& interest, format::Pads pads) {
  const std::uint32_t length = conversion.network.sequences.at(interest.sequence).max_length;
  require_padding(conversion.recipe, pads, length);
  set_pads(conversion, interest, {pads, Certainty::preset}, length);
}

void require_padding(const Recipe& recipe, format::Pads pads, std::uint32_t pad_to) {
  if (pad_to == 0) {
    throw Error(recipe.where(),
                "this code's attention sees the padding of a history, and no tensor tells to which length training "
                "padded; state it as [history] max_length");
  }
  if (is_all_padding(pads) && recipe.history.empty) {
    throw Error(recipe.where(), "[history] empty: an empty history is all padding to this code; leave it out");
  }
}

double scale_of(const ScaleRecipe& scale, std::size_t key_width) {
  return scale.by_key_width ? 1 / std::sqrt(static_cast<double>(key_width)) : scale.value;
}

std::string scale_text(const ScaleRecipe& scale, std::size_t key_width) {
  return scale.by_key_width ? "1/sqrt(" + std::to_string(key_width) + ")" : number_text(scale.value);
}

}  // namespace dinghy::converter
