#include "converter/presets/codes/fuxictr_groups.h"

#include <algorithm>
#include <utility>

#include "converter/error.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;  // of the candidate, of the history

constexpr const char* kWayOut =
    "; say it in a recipe, [inputs] history = [\"item:hist_item\", …], or give the log of the training, MODEL.log, "
    "with --companion: din_target_field and din_sequence_field name them";

const std::string& target_of(const Conversion& conversion, const std::vector<FuxictrFeature>& features,
                             const FuxictrFeature& history) {
  const auto target = std::ranges::find_if(features, [&](const FuxictrFeature& feature) {
    return feature.type == FuxictrFeature::Type::categorical && feature.table_owner() == history.table_owner();
  });
  if (target != features.end()) return target->name;
  throw Error(conversion.checkpoint.path,
              "nothing says which feature of the candidate " + in_quotes(history.name) + " is compared with" + kWayOut);
}

Pairs pairs_by_sharing(const Conversion& conversion, const std::vector<FuxictrFeature>& features) {
  Pairs pairs;
  for (const FuxictrFeature& feature : features) {
    if (feature.is_history()) pairs.emplace_back(target_of(conversion, features, feature), feature.name);
  }
  return pairs;
}

// Names alone are those of columns, as in every recipe, and say nothing of pairs.
bool recipe_has_pairs(const InputsRecipe& inputs) {
  const auto is_pair = [](const std::string& text) { return text.find(':') != std::string::npos; };
  return inputs.history && std::ranges::any_of(*inputs.history, is_pair);
}

Pairs pairs_of_recipe(const Conversion& conversion) {
  Pairs pairs;
  for (const std::string& text : *conversion.recipe.inputs.history) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) {
      throw Error(conversion.recipe.where(),
                  "[inputs] history has " + in_quotes(text) +
                      "; write \"item:hist_item\", a feature of the candidate and a history");
    }
    pairs.emplace_back(text.substr(0, colon), text.substr(colon + 1));
  }
  return pairs;
}

// As many pairs for each attention layer as are as wide as its keys.
std::vector<FuxictrGroup> divide(const Conversion& conversion, const Pairs& pairs,
                                 const std::vector<std::size_t>& widths, std::size_t embedding_width) {
  std::vector<FuxictrGroup> groups(1);
  for (const auto& [target, sequence] : pairs) {
    const std::size_t layer = groups.size() - 1;
    if (layer < widths.size() && groups[layer].sequences.size() * embedding_width >= widths[layer])
      groups.push_back({});
    groups.back().targets.push_back(target);
    groups.back().sequences.push_back(sequence);
  }
  bool fits = groups.size() == widths.size();
  for (std::size_t i = 0; fits && i < groups.size(); ++i) {
    fits = groups[i].sequences.size() * embedding_width == widths[i];
  }
  if (fits) return groups;
  std::vector<std::string> keys;
  for (const std::size_t width : widths) keys.push_back(std::to_string(width));
  throw Error(conversion.checkpoint.path, "its attention takes keys of " + listed(keys) + " numbers, which " +
                                              std::to_string(pairs.size()) + " compared histories of " +
                                              std::to_string(embedding_width) +
                                              " numbers each do not make (a sequence that training pooled needs its "
                                              "feature_encoder in the feature map)" +
                                              kWayOut);
}

void check_groups(const Conversion& conversion, const std::vector<FuxictrFeature>& features,
                  const std::vector<FuxictrGroup>& groups, const std::vector<std::size_t>& widths,
                  const std::string& by) {
  if (groups.size() != widths.size()) {
    throw Error(conversion.checkpoint.path, "has " + std::to_string(widths.size()) + " attention layers, but its log " +
                                                "names " + std::to_string(groups.size()) + " pairs of fields");
  }
  const auto require = [&](const std::string& name, auto predicate, const char* what) {
    const auto found = std::ranges::find(features, name, &FuxictrFeature::name);
    if (found != features.end() && predicate(*found)) return;
    throw Error(conversion.checkpoint.path,
                by + " compares " + in_quotes(name) + ", which is " + what + " of the feature map");
  };
  for (const FuxictrGroup& group : groups) {
    for (const std::string& name : group.targets) {
      require(
          name, [](const FuxictrFeature& f) { return f.type == FuxictrFeature::Type::categorical; },
          "no categorical feature");
    }
    for (const std::string& name : group.sequences) {
      require(name, [](const FuxictrFeature& f) { return f.is_history(); }, "no history");
    }
  }
  for (const FuxictrFeature& feature : features) {
    const auto has = [&](const FuxictrGroup& g) { return std::ranges::count(g.sequences, feature.name) > 0; };
    if (!feature.is_history() || std::ranges::any_of(groups, has)) continue;
    throw Error(conversion.checkpoint.path,
                by + " compares " + in_quotes(feature.name) +
                    " with nothing; a sequence that training pooled needs its feature_encoder in the feature map");
  }
}

std::string described(const std::vector<FuxictrGroup>& groups) {
  std::vector<std::string> texts;
  for (const FuxictrGroup& group : groups) texts.push_back(listed(group.targets) + " with " + listed(group.sequences));
  std::string text;
  for (const std::string& one : texts) text += (text.empty() ? "" : "; ") + one;
  return text;
}

std::string history_line(const std::vector<FuxictrGroup>& groups) {
  std::vector<std::string> pairs;
  for (const FuxictrGroup& group : groups) {
    for (std::size_t i = 0; i < group.targets.size(); ++i) {
      pairs.push_back(json_string(group.targets[i] + ":" + group.sequences[i]));
    }
  }
  return "history = [" + listed(pairs) + "]";
}

}  // namespace

std::vector<FuxictrGroup> fuxictr_groups(Conversion& conversion, const std::vector<FuxictrFeature>& features,
                                         const FuxictrParameters& parameters, const std::vector<std::size_t>& widths,
                                         std::size_t embedding_width) {
  const bool by_recipe = recipe_has_pairs(conversion.recipe.inputs);
  std::vector<FuxictrGroup> groups;
  if (by_recipe) {
    groups = divide(conversion, pairs_of_recipe(conversion), widths, embedding_width);
  } else if (parameters.groups) {
    groups = *parameters.groups;
  } else {
    groups = divide(conversion, pairs_by_sharing(conversion, features), widths, embedding_width);
  }
  const Certainty certainty = by_recipe           ? Certainty::recipe
                              : parameters.groups ? Certainty::companion
                                                  : Certainty::assumed;
  check_groups(conversion, features, groups, widths, by_recipe ? "the recipe" : "the log");
  conversion.found("compared fields", described(groups), certainty, RecipeLine{"inputs", history_line(groups)});
  return groups;
}

}  // namespace dinghy::converter
