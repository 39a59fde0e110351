#include "converter/presets/weights_choice.h"

#include <algorithm>
#include <utility>

#include "converter/error.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

std::vector<std::string> choices_of(const Checkpoint& checkpoint) {
  std::vector<std::string> names{json_string(checkpoint.weights)};
  for (const Weights& other : checkpoint.alternatives) names.push_back(json_string(other.name));
  return names;
}

std::string line_of(const Checkpoint& checkpoint) { return "weights = " + json_string(checkpoint.weights); }

bool is_open(const Conversion& conversion) {
  return !conversion.checkpoint.alternatives.empty() && conversion.recipe.weights.empty();
}

}  // namespace

void choose_weights(Checkpoint& checkpoint, const Recipe& recipe) {
  if (recipe.weights.empty()) return;
  if (checkpoint.alternatives.empty()) {
    throw Error(recipe.path, "weights = " + json_string(recipe.weights) + " chooses nothing: " + checkpoint.path +
                                 " holds the weights once; leave the line out");
  }
  if (recipe.weights == checkpoint.weights) return;
  const auto chosen = std::ranges::find(checkpoint.alternatives, recipe.weights, &Weights::name);
  if (chosen == checkpoint.alternatives.end()) {
    throw Error(recipe.path, "there are no weights " + in_quotes(recipe.weights) + " in " + checkpoint.path + ", but " +
                                 listed(choices_of(checkpoint)));
  }
  if (!chosen->refusal.empty())
    throw Error(checkpoint.path, "the weights " + in_quotes(chosen->name) + " " + chosen->refusal);
  std::swap(chosen->tensors, checkpoint.tensors);
  std::swap(chosen->name, checkpoint.weights);
}

void report_weights(Conversion& conversion) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  for (const std::string& what : checkpoint.unwrapped) conversion.found("wrapper", what, Certainty::file);
  if (checkpoint.alternatives.empty()) return;
  const bool chosen = !conversion.recipe.weights.empty();
  conversion.found("weights", chosen ? checkpoint.weights : listed(choices_of(checkpoint)),
                   chosen ? Certainty::recipe : Certainty::assumed, RecipeLine{"", line_of(checkpoint)});
}

void require_weights_chosen(const Conversion& conversion) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  if (!is_open(conversion)) return;
  throw Error(checkpoint.path, "holds the weights of the network as " + listed(choices_of(checkpoint)) +
                                   "; say in a recipe which of them gave the scores: " + line_of(checkpoint));
}

std::string open_weights_text(const Conversion& conversion) {
  if (!is_open(conversion)) return {};
  return line_of(conversion.checkpoint) + " (or another of " + listed(choices_of(conversion.checkpoint)) + ")";
}

}  // namespace dinghy::converter
