// The DIN of RecBole 1: recbole/model/sequential_recommender/din.py. Only the item's fields reach its network.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/codes/recbole_fields.h"
#include "converter/presets/facts.h"
#include "converter/presets/ids.h"
#include "converter/presets/presets.h"
#include "converter/presets/torch_mlp.h"

namespace dinghy::converter {
namespace {

constexpr double kBatchNormEpsilon = 1e-5;  // PyTorch's default

const std::string kItemTable = "embedding_layer.token_embedding_table.item.embedding.weight";
const std::string kAttention = "attention.att_mlp_layers.mlp_layers";
const std::string kTower = "dnn_mlp_layers.mlp_layers";
const std::string kTokens = "other_parameter.embedding_layer.dataset.field2id_token.";

std::vector<TorchLayer> layers_of(const Conversion& conversion, const std::string& prefix) {
  return torch_layers(conversion.checkpoint, sequential_modules(conversion.checkpoint, prefix));
}

// The embedding layer holds the data set that it was made for, with the token of each row; row 0 is "[PAD]", which no
// request means (dataset.py:1207).
void find_tokens(Conversion& conversion, const RecboleField& field) {
  const Document* document = conversion.checkpoint.find_document(kTokens + field.name);
  if (!document) return;
  const nlohmann::json tokens = nlohmann::json::parse(document->text);
  if (tokens.size() != static_cast<std::size_t>(field.rows)) {
    throw Error(document->source, "has " + std::to_string(tokens.size()) + " tokens, the table of " + field.name + " " +
                                      std::to_string(field.rows) + " rows");
  }
  std::vector<std::pair<std::string, std::uint64_t>> ids;
  for (std::size_t row = 1; row < tokens.size(); ++row) ids.emplace_back(tokens[row].get<std::string>(), row);
  conversion.found_ids.emplace(field.name, FoundIds{vocabulary_of(field.name, std::move(ids)), std::nullopt});
  conversion.found("ids of " + field.name, "the tokens of the data set", Certainty::file);
}

// Every field of the item is compared, and has its rows in one table. Gives its width.
std::uint32_t add_fields(Conversion& conversion, NetworkRecipe& network) {
  const Tensor& table = *conversion.checkpoint.find(kItemTable);
  if (table.shape.size() != 2 || table.shape[1] < 1) {
    conversion.claims.fail(kItemTable, "has the shape " + table.shape_text() + "; two dimensions are needed");
  }
  const std::vector<TorchLayer> attention = layers_of(conversion, kAttention);
  if (attention.empty()) throw Error(conversion.checkpoint.path, "has no " + kAttention + " with a weight");
  const std::int64_t inputs = conversion.checkpoint.find(attention[0].linear + ".weight")->shape[1];
  const auto compared = static_cast<std::size_t>(inputs / (4 * table.shape[1]));
  const auto [fields, certainty] = recbole_fields(conversion.checkpoint, table.shape[0], compared);
  for (const RecboleField& field : fields) {
    network.tables.push_back(
        {.name = field.name, .tensor = kItemTable, .first_row = field.first_row, .rows = field.rows});
    network.features.push_back({.name = field.name,
                                .role = {format::Role::candidate, Certainty::preset},
                                .table = field.name,
                                .in_history = {true, certainty},
                                .pad_row = {0, Certainty::preset}});
    find_tokens(conversion, field);
  }
  return static_cast<std::uint32_t>(table.shape[1]);
}

void ignore_user_features(Conversion& conversion) {
  for (const Tensor& tensor : conversion.checkpoint.tensors) {
    if (!tensor.name.starts_with("embedding_layer.") || tensor.name.find(".user.") == std::string::npos) continue;
    conversion.claims.ignore(tensor.name, "the network does not take features of the user (din.py:146)");
  }
}

Sourced<std::uint32_t> max_length(const Checkpoint& checkpoint) {
  const std::string* text = find_fact(checkpoint, "config.final_config_dict.MAX_ITEM_LIST_LENGTH");
  std::uint32_t length = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), length);
  return {length, text ? Certainty::file : Certainty::assumed};
}

InterestRecipe interest(const Conversion& conversion, const std::vector<FeatureRecipe>& features) {
  InterestRecipe interest;
  for (const FeatureRecipe& feature : features) interest.fields.push_back({feature.name, feature.name});
  interest.parts = {"q", "k", "q-k", "q*k"};
  TorchMlp mlp;
  mlp.part = "attention";
  mlp.assumed = format::ActivationKind::sigmoid;  // din.py:86
  mlp.assumed_certainty = Certainty::preset;
  mlp.batch_norm = TorchNorm::never;
  interest.layers = describe_torch_mlp(conversion, layers_of(conversion, kAttention), mlp);
  interest.layers.push_back({.weight = "attention.dense.weight", .bias = "attention.dense.bias"});
  interest.normalizer = {format::Normalizer::raw, Certainty::preset};       // din.py:87
  interest.scale = {ScaleRecipe{.by_key_width = true}, Certainty::preset};  // layers.py:350
  interest.empty = {format::EmptyHistory::zero, Certainty::preset};
  return interest;
}

// [interest, item, interest * item], each with the fields of `width` side by side: din.py:150-152.
std::vector<TowerInput> tower_inputs(const std::vector<FeatureRecipe>& features, std::uint32_t width) {
  std::vector<VectorRecipe> interest, item;
  for (std::uint32_t begin = 0; const FeatureRecipe& feature : features) {
    interest.push_back(
        {.name = "interest", .of = VectorRecipe::Of::interest, .cut = VectorRecipe::Cut{begin, begin + width}});
    item.push_back({.name = feature.name});
    begin += width;
  }
  return {{.vectors = interest}, {.vectors = item}, {.vectors = interest, .times = item}};
}

// Linear, batch norm, "Dice". Its alpha is a tensor of zeros that is no parameter, and nothing is normalized
// (layers.py:280-291), so it is x * sigmoid(x).
LayerRecipe tower_layer(const Conversion& conversion, const TorchLayer& names) {
  if (names.norm.empty()) conversion.claims.fail(names.linear + ".weight", "has no batch norm behind it");
  return {.weight = names.linear + ".weight",
          .bias = names.linear + ".bias",
          .batch_norm = NormRecipe{names.norm + ".weight",
                                   names.norm + ".bias",
                                   names.norm + ".running_mean",
                                   names.norm + ".running_var",
                                   {kBatchNormEpsilon, Certainty::preset}},
          .activation = ActivationRecipe{.word = {ActivationWord::silu, Certainty::preset}}};
}

// din.py gives attention and tower the same hidden layers, mlp_hidden_size.
void require_equal_widths(const Conversion& conversion) {
  const auto width = [&](const TorchLayer& layer) {
    return conversion.checkpoint.find(layer.linear + ".weight")->shape[0];
  };
  if (std::ranges::equal(layers_of(conversion, kAttention), layers_of(conversion, kTower), {}, width, width)) return;
  throw Error(conversion.checkpoint.path,
              "has other hidden layers in its attention than in its tower, though RecBole gives both those of "
              "mlp_hidden_size; the file is incomplete");
}

NetworkRecipe describe(Conversion& conversion) {
  ignore_user_features(conversion);
  NetworkRecipe network;
  network.histories[0].max_length = max_length(conversion.checkpoint);
  const std::uint32_t width = add_fields(conversion, network);
  network.interests = {interest(conversion, network.features)};
  network.tower.inputs = tower_inputs(network.features, width);
  for (const TorchLayer& names : layers_of(conversion, kTower)) {
    network.tower.layers.push_back(tower_layer(conversion, names));
  }
  require_equal_widths(conversion);
  network.tower.layers.push_back({.weight = "dnn_predict_layers.weight", .bias = "dnn_predict_layers.bias"});
  network.head.link.certainty = Certainty::preset;
  return network;
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find("attention.dense.weight") && checkpoint.find(kItemTable);
}

}  // namespace

extern const Preset kRecbole = {.name = "recbole",
                                .package = "RecBole",
                                .recognises = recognises,
                                .signature = "attention.dense.weight",
                                .describe = describe};

}  // namespace dinghy::converter
