#include "converter/presets/codes/fuxictr_groups.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

constexpr const char* kWayOut =
    "; give the log of the training, MODEL.log, with --companion: it names them (din_target_field, din_sequence_field)";

const std::string& target_of(const Conversion& conversion, const std::vector<FuxictrFeature>& features,
                             const FuxictrFeature& history) {
  const auto target = std::ranges::find_if(features, [&](const FuxictrFeature& feature) {
    return feature.type == FuxictrFeature::Type::categorical && feature.table_owner() == history.table_owner();
  });
  if (target != features.end()) return target->name;
  throw Error(conversion.checkpoint.path,
              "nothing says which feature of the candidate " + in_quotes(history.name) + " is compared with" + kWayOut);
}

std::vector<FuxictrGroup> groups_by_sharing(const Conversion& conversion, const std::vector<FuxictrFeature>& features,
                                            const std::vector<std::size_t>& widths, std::size_t embedding_width) {
  std::vector<FuxictrGroup> groups;
  FuxictrGroup group;
  for (const FuxictrFeature& feature : features) {
    if (!feature.is_history() || groups.size() == widths.size()) continue;
    group.targets.push_back(target_of(conversion, features, feature));
    group.sequences.push_back(feature.name);
    if (group.sequences.size() * embedding_width < widths[groups.size()]) continue;
    groups.push_back(std::move(group));
    group = {};
  }
  const auto histories = std::ranges::count_if(features, &FuxictrFeature::is_history);
  std::size_t used = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) used += groups[i].sequences.size();
  if (groups.size() == widths.size() && used == static_cast<std::size_t>(histories)) return groups;
  throw Error(conversion.checkpoint.path, std::to_string(widths.size()) + " attention layers do not divide the " +
                                              std::to_string(histories) + " histories of the feature map" + kWayOut);
}

void check_groups(const Conversion& conversion, const std::vector<FuxictrFeature>& features,
                  const std::vector<FuxictrGroup>& groups, const std::vector<std::size_t>& widths) {
  if (groups.size() != widths.size()) {
    throw Error(conversion.checkpoint.path, "has " + std::to_string(widths.size()) + " attention layers, but its log " +
                                                "names " + std::to_string(groups.size()) + " pairs of fields");
  }
  const auto require = [&](const std::string& name, auto predicate, const char* what) {
    const auto found = std::ranges::find(features, name, &FuxictrFeature::name);
    if (found != features.end() && predicate(*found)) return;
    throw Error(conversion.checkpoint.path,
                "the log compares " + in_quotes(name) + ", which is " + what + " of the feature map");
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
}

std::string described(const std::vector<FuxictrGroup>& groups) {
  std::vector<std::string> texts;
  for (const FuxictrGroup& group : groups) texts.push_back(listed(group.targets) + " with " + listed(group.sequences));
  std::string text;
  for (const std::string& one : texts) text += (text.empty() ? "" : "; ") + one;
  return text;
}

}  // namespace

std::vector<FuxictrGroup> fuxictr_groups(Conversion& conversion, const std::vector<FuxictrFeature>& features,
                                         const FuxictrParameters& parameters, const std::vector<std::size_t>& widths,
                                         std::size_t embedding_width) {
  const std::vector<FuxictrGroup> groups =
      parameters.groups ? *parameters.groups : groups_by_sharing(conversion, features, widths, embedding_width);
  check_groups(conversion, features, groups, widths);
  conversion.found("compared fields", described(groups), parameters.groups ? Certainty::companion : Certainty::assumed);
  return groups;
}

}  // namespace dinghy::converter
