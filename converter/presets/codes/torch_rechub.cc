// The DIN of torch-rechub: torch_rechub/models/ranking/din.py.
#include <map>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/torch_rechub_columns.h"
#include "converter/presets/features.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-3;  // basic/activation.py:10

void add_features(Conversion& conversion, const TorchRechubColumns& columns) {
  std::map<std::string, int> tables;
  const auto table_of = [&](const std::string& table, const std::string& feature) {
    const auto known = tables.find(table);
    if (known != tables.end()) return known->second;
    return tables[table] = add_table(conversion, torch_rechub_table(table), feature);
  };
  const std::size_t histories = columns.histories.size();
  for (const std::string& name : columns.distinct()) {
    const auto place = std::ranges::find(columns.targets, name) - columns.targets.begin();
    const bool compared = static_cast<std::size_t>(place) < histories;
    const format::Role assumed = compared ? format::Role::candidate : format::Role::user;
    add_id_feature(conversion, name, role_of(conversion, name, assumed), table_of(name, name));
  }
  for (std::size_t i = 0; i < histories; ++i) {
    const std::string& target = columns.targets[i];
    put_in_history(conversion, feature_index(conversion, target), table_of(columns.histories[i], target));
  }
  if (columns.shared) {
    conversion.found("tables of the histories", "those of " + listed(columns.histories) + ", as with shared_with",
                     Certainty::assumed);
  }
}

TorchMlp mlp_of(const std::string& part) {
  TorchMlp mlp;
  mlp.part = part;
  mlp.ends_in_logit = true;
  mlp.batch_norm = TorchNorm::always;  // basic/layers.py, MLP
  mlp.dice = TorchDice::row;
  mlp.dice_epsilon = kDiceEpsilon;
  return mlp;
}

std::vector<Layer> take_mlp(Conversion& conversion, const std::string& prefix, const TorchMlp& mlp,
                            std::size_t inputs) {
  const Checkpoint& checkpoint = conversion.checkpoint;
  return take_torch_mlp(conversion, torch_layers(checkpoint, sequential_modules(checkpoint, prefix)), mlp, inputs);
}

// Every history has an attention layer of its own on one pair of fields.
void add_interests(Conversion& conversion, const TorchRechubColumns& columns) {
  Interest knobs;
  choose_normalizer(conversion, knobs, false, Certainty::assumed);
  choose_pads(conversion, knobs, format::Pads::attend);
  for (std::size_t i = 0; i < columns.histories.size(); ++i) {
    Interest interest = knobs;
    const std::uint32_t field = feature_index(conversion, columns.targets[i]);
    const std::uint32_t width = conversion.network.features[field].width;
    interest.name = "interest in " + columns.targets[i];
    interest.fields = {{field, field}};
    interest.layers = take_mlp(conversion, "attention_layers." + std::to_string(i) + ".attention.mlp",
                               mlp_of("attention"), 4 * width);
    conversion.network.interests.push_back(std::move(interest));
  }
}

void add_tower(Conversion& conversion, const TorchRechubColumns& columns) {
  Network& network = conversion.network;
  for (std::uint32_t i = 0; i < network.interests.size(); ++i) {
    add_interest_part(network, i, key_width(network, network.interests[i].fields));
  }
  for (const std::vector<std::string>* names : {&columns.targets, &columns.features}) {
    for (const std::string& name : *names) add_feature_part(network, feature_index(conversion, name));
  }
  network.tower = take_mlp(conversion, "mlp.mlp", mlp_of("tower"), tower_width(network));
  const bool twice = columns.features.size() + columns.targets.size() > columns.distinct().size();
  conversion.found("input of the tower",
                   "interests, " + listed(columns.targets) +
                       (columns.features.empty() ? "" : (twice ? ", and again " : ", ") + listed(columns.features)),
                   columns.certainty);
}

void build(Conversion& conversion) {
  const TorchRechubColumns columns = torch_rechub_columns(conversion);
  add_features(conversion, columns);
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), columns.certainty);
  add_history(conversion);
  add_interests(conversion, columns);
  add_tower(conversion, columns);
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("attention_layers.0.attention.mlp.0.weight") && checkpoint.find("mlp.mlp.0.weight");
}

}  // namespace

extern const Preset kTorchRechub = {"torch-rechub", "torch-rechub", recognises, build,
                                    "attention_layers.0.attention.mlp.0.weight, mlp.mlp.0.weight"};

}  // namespace dinghy::converter
