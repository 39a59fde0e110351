#include "converter/presets/presets.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
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

}  // namespace

std::span<const Preset* const> presets() { return kPresets; }

const Preset& choose_preset(const Checkpoint& checkpoint, const Recipe& recipe) {
  for (const Preset* preset : kPresets) {
    const bool chosen =
        recipe.preset.empty() ? preset->recognises && preset->recognises(checkpoint) : recipe.preset == preset->name;
    if (chosen) return *preset;
  }
  if (!recipe.preset.empty()) {
    const std::vector<std::string> names = preset_names();
    throw Error(recipe.path, "there is no preset " + in_quotes(recipe.preset) + did_you_mean(recipe.preset, names) +
                                 "; there are " + listed(names));
  }
  std::vector<std::string> tensors;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (tensors.size() < 3) tensors.push_back(tensor.name);
  }
  throw Error(checkpoint.path, "no preset knows its " + std::to_string(checkpoint.tensors.size()) + " tensors (" +
                                   listed(tensors) +
                                   ", …); describe the network in a recipe with preset = \"generic\", as "
                                   "docs/unknown-code.md does");
}

void build_network(Conversion& conversion, const Preset& preset) {
  for (const auto& [tensor, reason] : conversion.recipe.ignore) conversion.claims.ignore(tensor, reason);
  conversion.claims.ignore_suffix("num_batches_tracked", "a counter that only training needs");
  preset.build(conversion);
  require_link_of_recipe(conversion);
  conversion.claims.require_all_used();
  rename_features(conversion);
}

}  // namespace dinghy::converter
