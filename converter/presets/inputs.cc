#include "converter/presets/inputs.h"

#include <algorithm>
#include <charconv>

#include "converter/error.h"
#include "converter/presets/features.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using Names = std::vector<std::string>;

struct RoleList {
  format::Role role;
  const std::optional<Names>& names;
};

std::vector<RoleList> role_lists(const Conversion& conversion) {
  const InputsRecipe& inputs = conversion.recipe.inputs;
  return {{format::Role::user, inputs.user},
          {format::Role::context, inputs.context},
          {format::Role::candidate, inputs.candidate}};
}

bool contains(const std::optional<Names>& names, const std::string& name) {
  return names && std::ranges::find(*names, name) != names->end();
}

// "age" or "price:3"
NamedWidth parse_named_width(const Conversion& conversion, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return {text, 1};
  NamedWidth dense{text.substr(0, colon), 0};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, dense.width);
  if (error != std::errc() || stop != end || dense.width == 0) {
    throw Error(conversion.recipe.where(),
                "[inputs] dense has " + in_quotes(text) + "; write \"name\", or \"name:3\" for a feature of 3 numbers");
  }
  return dense;
}

}  // namespace

std::vector<NamedWidth> dense_inputs(const Conversion& conversion, const std::vector<std::string>& tables) {
  std::vector<NamedWidth> dense;
  if (const auto& named = conversion.recipe.inputs.dense) {
    for (const std::string& text : *named) dense.push_back(parse_named_width(conversion, text));
    return dense;
  }
  int lists = 0;
  for (const RoleList& list : role_lists(conversion)) {
    const std::size_t before = dense.size();
    for (const std::string& name : list.names.value_or(Names{})) {
      if (std::ranges::find(tables, name) == tables.end()) dense.push_back({name, 1});
    }
    lists += dense.size() > before ? 1 : 0;
  }
  if (lists > 1) {
    throw Error(conversion.recipe.where(),
                "several lists of [inputs] hold dense features; give their order in the "
                "network as [inputs] dense = […]");
  }
  return dense;
}

format::Role role_of(const Conversion& conversion, const std::string& feature, format::Role assumed) {
  std::optional<format::Role> role;
  bool any_list = false;
  for (const RoleList& list : role_lists(conversion)) {
    any_list |= list.names.has_value();
    if (!contains(list.names, feature)) continue;
    if (role) throw Error(conversion.recipe.where(), "[inputs] has " + in_quotes(feature) + " in two lists");
    role = list.role;
  }
  if (role || !any_list) return role.value_or(assumed);
  throw Error(conversion.recipe.where(),
              "[inputs] does not have the feature " + in_quotes(feature) + "; put it into user, context or candidate");
}

std::vector<std::string> named_inputs(const InputsRecipe& inputs) {
  std::vector<std::string> names;
  for (const auto* list : {&inputs.user, &inputs.context, &inputs.candidate}) {
    if (*list) names.insert(names.end(), (*list)->begin(), (*list)->end());
  }
  return names;
}

bool has_lost_order(const Checkpoint& checkpoint) {
  return checkpoint.order_lost || sorted_by_name(checkpoint.tensors);
}

// Tables of one width would change places without a complaint.
Names network_order(Conversion& conversion, Names names) {
  const std::optional<Names>& order = conversion.recipe.inputs.order;
  if (!order && names.size() > 1 && has_lost_order(conversion.checkpoint)) {
    throw Error(conversion.checkpoint.path,
                "has its tensors sorted by name, so the order in which the network takes its features is lost; name "
                "them in the order of the model's own columns in a recipe, as [inputs] order = […], out of " +
                    listed(names));
  }
  if (order) {
    Names sorted = *order;
    std::ranges::sort(sorted);
    std::ranges::sort(names);
    if (sorted != names) {
      throw Error(conversion.recipe.where(), "[inputs] order has to name each of " + listed(names) + " once");
    }
    names = *order;
  }
  Names quoted;
  for (const std::string& name : names) quoted.push_back(json_string(name));
  conversion.found("order of the features", listed(names), order ? Certainty::recipe : Certainty::file,
                   RecipeLine{"inputs", "order = [" + listed(quoted) + "]"});
  return names;
}

Certainty roles_certainty(const Conversion& conversion) {
  const std::vector<RoleList> lists = role_lists(conversion);
  const bool any = std::ranges::any_of(lists, [](const RoleList& list) { return list.names.has_value(); });
  return any ? Certainty::recipe : Certainty::assumed;
}

void check_inputs(const Conversion& conversion) {
  const InputsRecipe& inputs = conversion.recipe.inputs;
  // A preset whose histories are no features has looked at [inputs] history itself, and says so.
  const std::optional<Names> history = conversion.says("inputs", "history") ? std::nullopt : inputs.history;
  for (const std::optional<Names>& names : {inputs.user, inputs.context, inputs.candidate, history}) {
    for (const std::string& name : names.value_or(Names{})) feature_index(conversion, name);
  }
}

}  // namespace dinghy::converter
