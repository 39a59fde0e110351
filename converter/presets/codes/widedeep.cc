// The DIN of pytorch-widedeep: pytorch_widedeep/models/rec/din.py, in a WideDeep.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/widedeep_columns.h"
#include "converter/presets/facts.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

constexpr double kDiceEpsilon = 1e-9;       // models/rec/din.py:18
constexpr double kBatchNormEpsilon = 1e-5;  // PyTorch's default

// The package normalizes dense features on their way in.
void add_dense_norm(Conversion& conversion, const std::string& net, const std::vector<std::uint32_t>& dense) {
  const std::string norm = net + "other_col_embed.cont_norm";
  if (dense.empty()) return;
  if (!conversion.claims.has(norm + ".running_mean")) {
    return conversion.found("normalization of the numbers", "none: there is no cont_norm", Certainty::assumed);
  }
  std::size_t width = 0;
  for (const std::uint32_t feature : dense) width += conversion.network.features[feature].width;
  const auto [epsilon, sure] =
      conversion.decide(conversion.recipe.epsilon.batch_norm, kBatchNormEpsilon, Certainty::preset);
  const Affine affine =
      take_norm(conversion.claims,
                {norm + ".weight", norm + ".bias", norm + ".running_mean", norm + ".running_var", epsilon}, width);
  std::size_t channel = 0;
  for (const std::uint32_t index : dense) {
    Feature& feature = conversion.network.features[index];
    Layer layer{{feature.width, feature.width, Vector(feature.width * feature.width, 0.0)}, {}, {}};
    for (std::size_t i = 0; i < feature.width; ++i, ++channel) {
      layer.weight.at(i, i) = affine.scale[channel];
      layer.bias.push_back(affine.shift[channel]);
    }
    feature.projection = std::move(layer);
  }
}

// models/tabular/embeddings_layers.py: behind the vectors of the other columns; it has no tensors.
void check_embedding_activation(Conversion& conversion, const WidedeepColumns& columns) {
  if (columns.others.empty()) return;
  const std::string* activation = find_fact(conversion.checkpoint, columns.net + "cat_embed_activation");
  if (activation && *activation != "null") {
    throw Error(conversion.checkpoint.path,
                "has cat_embed_activation " + in_quotes(*activation) +
                    ", which changes the embeddings of columns and is no part of a .dinghy file; apply it to the "
                    "weights of the tables other_col_embed.cat_embed and save the model without it");
  }
  conversion.found("activation of the embeddings", "none", activation ? Certainty::file : Certainty::assumed);
}

void add_features(Conversion& conversion, const WidedeepColumns& columns) {
  const int items = add_table(conversion, columns.net + "user_behavior_embed.cat_embed.embed.weight", columns.item);
  const std::uint32_t item =
      add_id_feature(conversion, columns.item, role_of(conversion, columns.item, format::Role::candidate), items);
  put_in_history(conversion, item, items);
  for (const WidedeepColumns::Table& sums : columns.sums) {
    const std::uint32_t feature =
        add_id_feature(conversion, sums.name, role_of(conversion, sums.name, format::Role::user),
                       add_table(conversion, sums.tensor, sums.name));
    conversion.network.features[feature].kind = format::FeatureKind::bag;
  }
  for (const WidedeepColumns::Table& other : columns.others) {
    add_id_feature(conversion, other.name, role_of(conversion, other.name, format::Role::user),
                   add_table(conversion, other.tensor, other.name));
  }
  std::vector<std::uint32_t> dense;
  for (const NamedWidth& numbers : columns.dense) {
    dense.push_back(add_dense_feature(conversion, numbers.name,
                                      role_of(conversion, numbers.name, format::Role::candidate), numbers.width));
  }
  add_dense_norm(conversion, columns.net, dense);
}

void add_interest(Conversion& conversion, const WidedeepColumns& columns) {
  const std::uint32_t width = conversion.network.features[0].width;
  const std::string attention = columns.net + "attention.";
  TorchMlp mlp;
  mlp.part = "attention";
  mlp.ends_in_logit = true;
  mlp.batch_norm = TorchNorm::never;
  mlp.dice_epsilon = kDiceEpsilon;
  Interest interest;
  interest.fields = {{0, 0}};
  interest.layers = take_torch_mlp(
      conversion, {{"", attention + "linear_in", "", attention + "activation"}, {"", attention + "linear_out", "", ""}},
      mlp, 4 * width);
  choose_normalizer(conversion, interest, true, Certainty::preset);
  choose_scale(conversion, interest, ScaleRecipe{}, width);
  // din.py:445-447: softmax over all columns, then the mask; the rest is not normalized again.
  choose_pads(conversion, interest, format::Pads::denominator);
  choose_empty(conversion, interest, format::EmptyHistory::zero, Certainty::preset);
  conversion.network.interests.push_back(std::move(interest));
}

// [item, interest, sums, other features, dense features]
void add_tower_parts(Network& network) {
  for (std::uint32_t i = 0; i < network.features.size(); ++i) {
    add_feature_part(network, i);
    if (i == 0) add_interest_part(network, 0, network.features[0].width);
  }
}

void check_dense_width(const Conversion& conversion, const std::vector<TorchLayer>& layers, std::size_t width) {
  const Tensor* first = conversion.checkpoint.find(layers.front().linear + ".weight");
  if (!first || first->shape.size() != 2) return;
  const auto inputs = static_cast<std::size_t>(first->shape[1]);
  if (inputs <= width) return;
  throw Error(conversion.recipe.where(),
              "the tower takes " + std::to_string(inputs - width) +
                  " more numbers than the features have; name the continuous columns in [inputs], in the list of their "
                  "role, and their order as dense = […]");
}

void build(Conversion& conversion) {
  const WidedeepColumns columns = widedeep_columns(conversion);
  check_embedding_activation(conversion, columns);
  add_features(conversion, columns);
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), Certainty::file);
  add_history(conversion, columns.max_length, Certainty::file);
  add_interest(conversion, columns);
  add_tower_parts(conversion.network);
  const std::size_t width = tower_width(conversion.network);
  const std::vector<TorchLayer> layers = widedeep_tower(conversion.checkpoint, columns.net);
  check_dense_width(conversion, layers, width);
  TorchMlp mlp;
  mlp.part = "tower";
  mlp.ends_in_logit = true;
  conversion.network.tower = take_torch_mlp(conversion, layers, mlp, width);
  if (width_of(conversion.network.tower.back()) != 1) {
    conversion.claims.fail(layers.back().linear + ".weight", "gives several classes; one logit is known here");
  }
  choose_link(conversion, format::Link::sigmoid, Certainty::assumed);  // the trainer's objective = "binary"
}

bool recognises(const Checkpoint& checkpoint) { return !widedeep_prefix(checkpoint).empty(); }

}  // namespace

extern const Preset kWidedeep = {"widedeep", "pytorch-widedeep", recognises, build,
                                 "deeptabular.0.user_behavior_embed.cat_embed.embed.weight"};

}  // namespace dinghy::converter
