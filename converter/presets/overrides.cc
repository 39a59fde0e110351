#include "converter/presets/overrides.h"

#include "converter/presets/attention.h"
#include "converter/presets/inputs.h"
#include "converter/presets/recipe_layers.h"

namespace dinghy::converter {
namespace {

void override_roles(const Conversion& conversion, NetworkRecipe& description) {
  if (roles_certainty(conversion) != Certainty::recipe) return;
  for (FeatureRecipe& feature : description.features) {
    if (feature.role.value == format::Role::history) continue;
    feature.role = {role_of(conversion, feature.name, feature.role.value), Certainty::recipe};
  }
}

// Padding takes part up to the longest history, which the recipe may just have said.
void settle_padding(const Recipe& recipe, const NetworkRecipe& description, InterestRecipe& interest) {
  const format::Pads pads = interest.pads.value;
  if (pads == format::Pads::excluded) return;
  const SequenceRecipe* history = history_of(description, interest);
  if (interest.pad_to == 0 && history) interest.pad_to = history->max_length.value;
  require_padding(recipe, pads, interest.pad_to);
}

void override_interest(const Recipe& recipe, InterestRecipe& interest) {
  if (const auto softmax = recipe.attention.softmax) {
    interest.normalizer = *softmax ? format::Normalizer::softmax : format::Normalizer::raw;
  }
  interest.scale.override_by(recipe.attention.scale);
  override_layers(recipe, "attention", interest.layers);
  if (interest.empty.value) return;
  // The masked logits of a history without behaviours are all equal: softmax averages the rows of padding.
  const bool softmax = interest.normalizer.value == format::Normalizer::softmax;
  interest.empty.value = softmax ? format::EmptyHistory::pad_row : format::EmptyHistory::zero;
}

}  // namespace

void apply_recipe(const Conversion& conversion, NetworkRecipe& description) {
  const Recipe& recipe = conversion.recipe;
  override_roles(conversion, description);
  override_history(description, recipe.history);
  for (FeatureRecipe& feature : description.features) {
    if (feature.batch_norm) feature.batch_norm->epsilon.override_by(recipe.epsilon.batch_norm);
  }
  for (InterestRecipe& interest : description.interests) {
    override_interest(recipe, interest);
    settle_padding(recipe, description, interest);
  }
  for (TowerPartsRecipe& mlp : description.mlps) {
    if (mlp.is_tower) override_layers(recipe, "tower", mlp.layers);
  }
  override_layers(recipe, "tower", description.tower.layers);
  // What the code always does is no setting: require_link_of_recipe() says so.
  if (description.head.link.certainty != Certainty::preset) description.head.link.override_by(recipe.link);
}

}  // namespace dinghy::converter
