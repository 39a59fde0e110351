// The DIN of ReChorus: src/models/context_seq/DIN.py.
#include <algorithm>

#include "converter/presets/attention.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/presets/tower_parts.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-8;  // src/utils/layers.py:259
const std::string kTables = "embedding_dict.";
const std::string kWeight = ".weight";

// DIN.py:52: columns of these names have a table, others are one number through a layer without bias.
bool has_table(const std::string& name) { return name.ends_with("_c") || name.ends_with("_id"); }

bool is_of_item(const std::string& name) { return name == "item_id" || name.starts_with("i_"); }
bool is_of_user(const std::string& name) { return name == "user_id" || name.starts_with("u_"); }

// In the order of user_context, item_context and situation_context.
std::vector<std::string> feature_names(Conversion& conversion) {
  return network_order(conversion, names_between(conversion.checkpoint, kTables, kWeight));
}

void add_number(Conversion& conversion, const std::string& name, format::Role role) {
  const std::uint32_t index = add_dense_feature(conversion, name, role, 1);
  project_numbers(conversion, index,
                  take_linear(conversion.claims, kTables + name + kWeight, "", WeightLayout::out_in, 1, "a number"));
  if (is_of_item(name)) put_numbers_in_history(conversion, index);
}

void add_features(Conversion& conversion) {
  for (const std::string& name : feature_names(conversion)) {
    const format::Role assumed = is_of_item(name)   ? format::Role::candidate
                                 : is_of_user(name) ? format::Role::user
                                                    : format::Role::context;
    const format::Role role = role_of(conversion, name, assumed);
    if (has_table(name)) {
      const int table = add_table(conversion, kTables + name + kWeight, name);
      const std::uint32_t index = add_id_feature(conversion, name, role, table);
      if (is_of_item(name)) put_in_history(conversion, index, table);
    } else {
      add_number(conversion, name, role);
    }
  }
}

// DIN.py:63: behind every layer of the tower but the last.
void require_dice(const Conversion& conversion, const std::vector<TorchLayer>& layers) {
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    if (!layers[i].activation.empty()) continue;
    conversion.claims.fail(layers[i].linear + kWeight,
                           "has no Dice behind it, which ReChorus always has; the file is "
                           "incomplete");
  }
}

std::vector<Layer> take_mlp(Conversion& conversion, const std::string& prefix, const std::string& part,
                            const std::optional<format::ActivationKind>& by_recipe, std::size_t inputs) {
  TorchMlp mlp;
  mlp.part = part;
  mlp.by_recipe = by_recipe;
  mlp.assumed = format::ActivationKind::sigmoid;
  mlp.assumed_certainty = Certainty::preset;
  mlp.ends_in_logit = true;
  mlp.dice_epsilon = kDiceEpsilon;
  const bool is_tower = part == "tower";
  mlp.batch_norm = is_tower ? TorchNorm::always : TorchNorm::never;
  const Checkpoint& checkpoint = conversion.checkpoint;
  const std::vector<TorchLayer> layers = torch_layers(checkpoint, sequential_modules(checkpoint, prefix));
  if (is_tower) require_dice(conversion, layers);
  return take_torch_mlp(conversion, layers, mlp, inputs);
}

void add_interest(Conversion& conversion) {
  Interest interest;
  interest.fields = history_fields(conversion.network);
  const std::size_t width = key_width(conversion.network, interest.fields);
  // With add_historical_situations the behaviours' situations are keys too, and the first weight is wider.
  interest.layers =
      take_mlp(conversion, "att_mlp_layers.mlp", "attention", conversion.recipe.attention.activation, 4 * width);
  choose_normalizer(conversion, interest, false, Certainty::preset);
  choose_scale(conversion, interest, ScaleRecipe{true, 1}, width);
  choose_empty(conversion, interest, format::EmptyHistory::zero, Certainty::preset);
  conversion.network.interests.push_back(std::move(interest));
}

// DIN.py:158: [interest, interest * item, item, user, situation]
void add_tower_parts(Network& network) {
  const std::vector<Field>& fields = network.interests[0].fields;
  add_interest_part(network, 0, key_width(network, fields));
  for (std::uint32_t begin = 0; const Field& field : fields) {
    const std::uint32_t width = network.features[field.query].width;
    network.tower_parts.push_back(
        {{format::Source::interest, 0, begin, width, 0}, Operand{format::Source::feature, field.query, 0, width, 0}});
    begin += width;
  }
  const auto add = [&](bool (*wanted)(const Feature&)) {
    for (std::uint32_t i = 0; i < network.features.size(); ++i) {
      if (wanted(network.features[i])) add_feature_part(network, i);
    }
  };
  add([](const Feature& feature) { return is_of_item(feature.name); });
  add([](const Feature& feature) { return is_of_user(feature.name); });
  add([](const Feature& feature) { return !is_of_item(feature.name) && !is_of_user(feature.name); });
}

void build(Conversion& conversion) {
  add_features(conversion);
  check_inputs(conversion);
  report_roles(conversion, conversion.recipe.inputs.user ? Certainty::recipe : Certainty::preset, Certainty::preset);
  add_history(conversion);
  add_interest(conversion);
  add_tower_parts(conversion.network);
  conversion.network.tower = take_mlp(conversion, "dnn_mlp_layers.mlp", "tower", conversion.recipe.tower.activation,
                                      tower_width(conversion.network));
  choose_link(conversion, format::Link::sigmoid, Certainty::assumed);  // DINCTR's; DINTopK gives the logit
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("att_mlp_layers.mlp.0.weight") && checkpoint.find("embedding_dict.item_id.weight");
}

}  // namespace

extern const Preset kReChorus = {"rechorus", "ReChorus", recognises, build,
                                 "att_mlp_layers.mlp.0.weight, embedding_dict.item_id.weight"};

}  // namespace dinghy::converter
