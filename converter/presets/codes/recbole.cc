// The DIN of RecBole 1: recbole/model/sequential_recommender/din.py. Only the item's fields reach its network.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/recbole_fields.h"
#include "converter/presets/facts.h"
#include "converter/presets/features.h"
#include "converter/presets/ids.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"
#include "converter/presets/tower_inputs.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/number_text.h"

namespace dinghy::converter {
namespace {

constexpr double kBatchNormEpsilon = 1e-5;  // PyTorch's default

const std::string kItemTable = "embedding_layer.token_embedding_table.item.embedding.weight";
const std::string kAttention = "attention.att_mlp_layers.mlp_layers";
const std::string kTower = "dnn_mlp_layers.mlp_layers";
const std::string kTokens = "other_parameter.embedding_layer.dataset.field2id_token.";

const Tensor& two_dimensions(Conversion& conversion, const Tensor& tensor) {
  if (tensor.shape.size() == 2 && tensor.shape[0] > 0 && tensor.shape[1] > 0) return tensor;
  conversion.claims.fail(tensor.name, "has the shape " + tensor.shape_text() + "; two dimensions are needed");
}

// The embedding layer holds the data set that it was made for, with the token of each row; row 0 is "[PAD]", which no
// request means (dataset.py:1207).
void use_tokens(Conversion& conversion, int table, const RecboleField& field) {
  const Document* document = conversion.checkpoint.find_document(kTokens + field.name);
  if (!document) return;
  const nlohmann::json tokens = nlohmann::json::parse(document->text);
  if (tokens.size() != static_cast<std::size_t>(field.rows)) {
    throw Error(document->source, "has " + std::to_string(tokens.size()) + " tokens, the table of " + field.name + " " +
                                      std::to_string(field.rows) + " rows");
  }
  std::vector<std::pair<std::string, std::uint64_t>> ids;
  for (std::size_t row = 1; row < tokens.size(); ++row) ids.emplace_back(tokens[row].get<std::string>(), row);
  use_vocabulary(conversion, table, field.name, vocabulary_of(field.name, std::move(ids)));
  conversion.found("ids of " + field.name, "the tokens of the data set", Certainty::file);
}

void add_features(Conversion& conversion) {
  const Tensor& table = two_dimensions(conversion, conversion.claims.take(kItemTable));
  const std::vector<std::string> modules = sequential_modules(conversion.checkpoint, kAttention);
  const Tensor* first = modules.empty() ? nullptr : conversion.checkpoint.find(modules[0] + ".weight");
  if (!first) throw Error(conversion.checkpoint.path, "has no " + kAttention + " with a weight");
  const std::int64_t inputs = two_dimensions(conversion, *first).shape[1];
  const auto compared = static_cast<std::size_t>(inputs / (4 * table.shape[1]));
  const auto [fields, certainty] = recbole_fields(conversion.checkpoint, table.shape[0], compared);
  for (const RecboleField& field : fields) {
    const int rows = add_table(conversion, rows_of(table, field.first_row, field.rows, field.name), field.name);
    use_tokens(conversion, rows, field);
    const std::uint32_t index =
        add_id_feature(conversion, field.name, role_of(conversion, field.name, format::Role::candidate), rows);
    put_in_history(conversion, index, rows);
  }
  check_inputs(conversion);
  report_roles(conversion, Certainty::preset, certainty);
}

void ignore_user_features(Conversion& conversion) {
  for (const Tensor& tensor : conversion.checkpoint.tensors) {
    if (!tensor.name.starts_with("embedding_layer.") || tensor.name.find(".user.") == std::string::npos) continue;
    conversion.claims.ignore(tensor.name, "the network does not take features of the user (din.py:146)");
  }
}

void add_behaviours(Conversion& conversion) {
  const std::string* text = find_fact(conversion.checkpoint, "config.final_config_dict.MAX_ITEM_LIST_LENGTH");
  std::uint32_t length = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), length);
  add_history(conversion, length, text ? Certainty::file : Certainty::assumed);
}

void add_interest(Conversion& conversion) {
  Interest interest;
  for (std::uint32_t i = 0; i < conversion.network.features.size(); ++i) interest.fields.push_back({i, i});
  const std::uint32_t width = interest_width(conversion.network, interest);
  TorchMlp mlp;
  mlp.part = "attention";
  mlp.by_recipe = conversion.recipe.attention.activation;
  mlp.assumed = format::ActivationKind::sigmoid;  // din.py:86
  mlp.assumed_certainty = Certainty::preset;
  mlp.batch_norm = TorchNorm::never;
  const Checkpoint& checkpoint = conversion.checkpoint;
  interest.layers =
      take_torch_mlp(conversion, torch_layers(checkpoint, sequential_modules(checkpoint, kAttention)), mlp, 4 * width);
  interest.layers.push_back(take_linear(conversion.claims, "attention.dense.weight", "attention.dense.bias",
                                        WeightLayout::out_in, width_of(interest.layers.back()), "the layer before"));
  choose_normalizer(conversion, interest, false, Certainty::preset);             // din.py:87
  choose_scale(conversion, interest, ScaleRecipe{.by_key_width = true}, width);  // layers.py:350
  choose_empty(conversion, interest, format::EmptyHistory::zero, Certainty::preset);
  conversion.network.interests.push_back(std::move(interest));
}

// [interest, item, interest * item], each with the fields side by side: din.py:150-152.
void add_tower_parts(Conversion& conversion) {
  Network& network = conversion.network;
  std::vector<Part> interest, item, product;
  std::uint32_t begin = 0;
  for (std::uint32_t i = 0; i < network.features.size(); ++i) {
    const std::uint32_t width = network.features[i].width;
    const Operand pooled = {format::Source::interest, 0, begin, width}, field = {format::Source::feature, i, 0, width};
    interest.push_back({pooled, {}});
    item.push_back({field, {}});
    product.push_back({pooled, field});
    begin += width;
  }
  for (const std::vector<Part>& parts : {interest, item, product}) {
    network.tower_parts.insert(network.tower_parts.end(), parts.begin(), parts.end());
  }
}

// Linear, batch norm, "Dice". Its alpha is a tensor of zeros that is no parameter, and nothing is normalized
// (layers.py:280-291), so it is x * sigmoid(x).
Layer take_tower_layer(Conversion& conversion, const TorchLayer& names, std::size_t inputs, double epsilon) {
  Layer layer = take_linear(conversion.claims, names.linear + ".weight", names.linear + ".bias", WeightLayout::out_in,
                            inputs, "what comes before it");
  if (names.norm.empty()) conversion.claims.fail(names.linear + ".weight", "has no batch norm behind it");
  const NormRecipe norm = {names.norm + ".weight", names.norm + ".bias", names.norm + ".running_mean",
                           names.norm + ".running_var", epsilon};
  fold_behind(layer, take_norm(conversion.claims, norm, width_of(layer)));
  layer.activation = silu(width_of(layer));
  return layer;
}

// din.py gives attention and tower the same hidden layers, mlp_hidden_size.
void require_equal_widths(const Conversion& conversion) {
  const std::vector<Layer>&attention = conversion.network.interests[0].layers, &tower = conversion.network.tower;
  const auto same = [](const Layer& a, const Layer& b) { return width_of(a) == width_of(b); };
  if (std::ranges::equal(attention.begin(), attention.end() - 1, tower.begin(), tower.end(), same)) return;
  throw Error(conversion.checkpoint.path,
              "has other hidden layers in its attention than in its tower, though RecBole gives both those of "
              "mlp_hidden_size; the file is incomplete");
}

void add_tower(Conversion& conversion) {
  add_tower_parts(conversion);
  refuse_activation(conversion, conversion.recipe.tower.activation, "tower", "x * sigmoid(x)");
  const auto [epsilon, sure] =
      conversion.decide(conversion.recipe.epsilon.batch_norm, kBatchNormEpsilon, Certainty::preset);
  std::vector<Layer>& tower = conversion.network.tower;
  std::size_t width = tower_width(conversion.network);
  for (const TorchLayer& names :
       torch_layers(conversion.checkpoint, sequential_modules(conversion.checkpoint, kTower))) {
    tower.push_back(take_tower_layer(conversion, names, width, epsilon));
    width = width_of(tower.back());
  }
  require_equal_widths(conversion);
  tower.push_back(take_linear(conversion.claims, "dnn_predict_layers.weight", "dnn_predict_layers.bias",
                              WeightLayout::out_in, width, "the layer before"));
  conversion.found("batch norm of the tower", "folded, epsilon " + number_text(epsilon), sure,
                   RecipeLine{"epsilon", "batch_norm = " + number_text(epsilon)});
  conversion.found("activation of the tower", "x * sigmoid(x), which RecBole calls Dice", Certainty::preset);
}

void build(Conversion& conversion) {
  ignore_user_features(conversion);
  add_features(conversion);
  add_behaviours(conversion);
  add_interest(conversion);
  add_tower(conversion);
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("attention.dense.weight") && checkpoint.find(kItemTable);
}

}  // namespace

extern const Preset kRecbole = {"recbole", "RecBole", recognises, build, "attention.dense.weight"};

}  // namespace dinghy::converter
