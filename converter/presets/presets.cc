#include "converter/presets/presets.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/layers.h"
#include "converter/presets/network_builder.h"
#include "converter/presets/overrides.h"
#include "converter/presets/recipe_keys.h"
#include "converter/presets/weights_choice.h"
#include "converter/text/name_pattern.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {

extern const Preset kCtrDinPytorch, kDeepctr, kDeepctrTorch, kDeeprec, kDien, kEasyRec, kFanoping, kFuxictr,
    kLibRecommender, kMetaSpore, kNvidiaSim, kOnnx, kPaddleRec, kPredictionFlow, kRecbole, kReChorus, kSeed,
    kTorchEasyRec, kTorchRechub, kWidedeep, kXdl, kZhougr1993, kSparrow, kRecLearn, kFunRec, kAiRecommenderSystem,
    kGeneric;

namespace {

constexpr const Preset* kPresets[] = {&kOnnx,        &kCtrDinPytorch,
                                      &kDeepctr,     &kDeepctrTorch,
                                      &kDeeprec,     &kDien,
                                      &kEasyRec,     &kFanoping,
                                      &kFuxictr,     &kLibRecommender,
                                      &kMetaSpore,   &kNvidiaSim,
                                      &kPaddleRec,   &kPredictionFlow,
                                      &kRecbole,     &kReChorus,
                                      &kSeed,        &kTorchEasyRec,
                                      &kTorchRechub, &kWidedeep,
                                      &kXdl,         &kZhougr1993,
                                      &kSparrow,     &kRecLearn,
                                      &kFunRec,      &kAiRecommenderSystem,
                                      &kGeneric};

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset* preset : kPresets) names.emplace_back(preset->name);
  return names;
}

const Preset& preset_of(const Recipe& recipe) {
  const auto named = std::ranges::find(kPresets, recipe.preset, [](const Preset* preset) { return preset->name; });
  if (named != std::end(kPresets)) return **named;
  const std::vector<std::string> names = preset_names();
  throw Error(recipe.path, "there is no preset " + in_quotes(recipe.preset) + did_you_mean(recipe.preset, names) +
                               "; there are " + listed(names));
}

[[noreturn]] void fail_unknown(const Checkpoint& checkpoint) {
  std::vector<std::string> tensors;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (tensors.size() < 3) tensors.push_back(tensor.name);
  }
  throw Error(checkpoint.path, "no preset knows its " + std::to_string(checkpoint.tensors.size()) + " tensors (" +
                                   listed(tensors) +
                                   ", …); describe the network in a recipe with preset = \"generic\", as "
                                   "docs/unknown-code.md does");
}

[[noreturn]] void fail_several(const Checkpoint& checkpoint, const std::vector<const Preset*>& found) {
  std::vector<std::string> codes;
  for (const Preset* preset : found) codes.push_back(preset->name + std::string(" (") + preset->signature + ")");
  throw Error(checkpoint.path, "has the tensors of several codes: " + listed(codes) +
                                   "; say which it is in a recipe with preset = " + in_quotes(found[0]->name) +
                                   " or another of them");
}

// A layer that is lost leaves the one before it in its place.
void require_logits(const Conversion& conversion) {
  const auto require = [&](const std::vector<Layer>& layers, const std::string& part, std::size_t most) {
    const std::size_t width = layers.empty() ? 1 : width_of(layers.back());
    if (width >= 1 && width <= most) return;
    throw Error(conversion.checkpoint.path, "its " + part + " ends in " + std::to_string(width) +
                                                " numbers, not in a logit; the file lacks the layer behind them");
  };
  for (const Interest& interest : conversion.network.interests) require(interest.layers, "attention", 1);
  require(conversion.network.tower, "tower", 2);
}

std::string module_of(const std::string& tensor) { return tensor.substr(0, tensor.find_last_of("./") + 1); }

// A tensor of the same module as a used one, or as long as a used layer is wide, is hardly there for nothing.
bool looks_like_part(const TensorClaims& claims, const Checkpoint& checkpoint, const Tensor& ignored) {
  const std::string module = module_of(ignored.name);
  return std::ranges::any_of(checkpoint.tensors, [&](const Tensor& used) {
    if (!claims.is_taken(used.name)) return false;
    if (!module.empty() && module_of(used.name) == module) return true;
    return ignored.shape.size() == 1 && ignored.shape[0] > 1 && used.shape.size() == 2 &&
           std::ranges::find(used.shape, ignored.shape[0]) != used.shape.end();
  });
}

// Names with reasons.
std::vector<std::pair<std::string, std::string>> ignored_parts(const Conversion& conversion) {
  std::vector<std::pair<std::string, std::string>> parts;
  for (const auto& [name, reason] : conversion.claims.ignored()) {
    const bool by_recipe = std::ranges::any_of(conversion.recipe.ignore, [&](const auto& entry) {
      return entry.second == reason && matches(entry.first, name);
    });
    const Tensor* tensor = conversion.checkpoint.find(name);
    if (by_recipe && tensor && looks_like_part(conversion.claims, conversion.checkpoint, *tensor)) {
      parts.emplace_back(name, reason);
    }
  }
  return parts;
}

// A name stands for its tensor, a pattern for all that the network has left.
void ignore_by_patterns(Conversion& conversion) {
  TensorClaims& claims = conversion.claims;
  for (const auto& [pattern, reason] : conversion.recipe.ignore) {
    if (!is_pattern(pattern)) {
      if (claims.is_taken(pattern)) {
        throw Error(conversion.recipe.where(), "[ignore] names " + in_quotes(pattern) + ", which the network needs");
      }
      continue;
    }
    bool any = false;
    for (const Tensor& tensor : conversion.checkpoint.tensors) {
      if (!matches(pattern, tensor.name) || claims.is_taken(tensor.name)) continue;
      claims.ignore(tensor.name, reason);
      any = true;
    }
    if (any) continue;
    throw Error(conversion.recipe.where(),
                "[ignore] has " + in_quotes(pattern) + ", which is no tensor that the network leaves over");
  }
}

// A description without a place of its own is the checkpoint's.
void complete_places(const Checkpoint& checkpoint, NetworkRecipe& description) {
  const auto complete = [&](RecipePlace& place) {
    if (place.text.empty()) place.text = checkpoint.path;
  };
  for (TableRecipe& table : description.tables) complete(table.where);
  for (FeatureRecipe& feature : description.features) complete(feature.where);
  for (InterestRecipe& interest : description.interests) complete(interest.where);
  for (TowerPartsRecipe& mlp : description.mlps) complete(mlp.where);
  complete(description.tower.where);
}

void describe_and_build(Conversion& conversion, const Preset& preset) {
  NetworkRecipe& description = conversion.description.emplace(preset.describe(conversion));
  complete_places(conversion.checkpoint, description);
  apply_recipe(conversion, description);
  build_described(conversion, description);
}

}  // namespace

std::span<const Preset* const> presets() { return kPresets; }

std::vector<const Preset*> presets_for(const Checkpoint& checkpoint) {
  if (checkpoint.graph) return {&kOnnx};
  std::vector<const Preset*> found;
  for (const Preset* preset : kPresets) {
    if (preset->recognises && preset->recognises(checkpoint)) found.push_back(preset);
  }
  return found;
}

const Preset& choose_preset(const Checkpoint& checkpoint, const Recipe& recipe) {
  if (!recipe.preset.empty()) return preset_of(recipe);
  const std::vector<const Preset*> found = presets_for(checkpoint);
  if (found.empty()) fail_unknown(checkpoint);
  if (found.size() > 1) fail_several(checkpoint, found);
  return *found[0];
}

bool ignores_parts(const Conversion& conversion) { return !ignored_parts(conversion).empty(); }

void build_network(Conversion& conversion, const Preset& preset) {
  report_weights(conversion);
  for (const auto& [tensor, reason] : conversion.recipe.ignore) {
    if (!is_pattern(tensor)) conversion.claims.ignore(tensor, reason);
  }
  conversion.claims.ignore_suffix("num_batches_tracked", "a counter that only training needs");
  if (preset.describe) {
    describe_and_build(conversion, preset);
  } else {
    preset.build(conversion);
  }
  require_logits(conversion);
  require_link_of_recipe(conversion);
  require_honoured(conversion);
  ignore_by_patterns(conversion);
  conversion.claims.require_all_used();
  require_weights_chosen(conversion);
  for (const auto& [name, reason] : ignored_parts(conversion)) {
    conversion.found("the network without " + name, "scores as with it, since " + reason, Certainty::assumed);
  }
  rename_features(conversion);
}

}  // namespace dinghy::converter
