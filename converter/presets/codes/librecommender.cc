// The DIN of LibRecommender 1.x: libreco/algorithms/din.py, as the .npz of its TensorFlow variables.
#include <algorithm>

#include "converter/error.h"
#include "converter/presets/absent_parts.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/librecommender_columns.h"
#include "converter/presets/codes/librecommender_files.h"
#include "converter/presets/codes/librecommender_ids.h"
#include "converter/presets/codes/librecommender_settings.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/ids.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/number_text.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

constexpr double kBatchNormEpsilon = 1e-3;  // TensorFlow's default

Layer take_dense(Conversion& conversion, const std::string& name, std::size_t inputs, const std::string& what) {
  const std::string ending = librecommender_ending(conversion.checkpoint);
  return take_linear(conversion.claims, name + "/kernel" + ending, name + "/bias" + ending, WeightLayout::in_out,
                     inputs, what);
}

// The row after the last user or item: padding, and whatever training did not see (data_info.n_items).
void use_last_row(Conversion& conversion, std::uint32_t index, bool in_history) {
  Feature& feature = conversion.network.features[index];
  Table& table = conversion.network.tables[static_cast<std::size_t>(feature.table)];
  const std::int64_t last = table.source.shape[0] - 1;
  if (!conversion.recipe.ids.contains(feature.name)) table.missing_row = static_cast<std::uint64_t>(last);
  if (in_history && !conversion.recipe.history.pad_row) set_pad_row(conversion, index, last);
}

// Raw ids, where the package's data lies beside the model.
void use_ids(Conversion& conversion, std::uint32_t index, const LibRecommenderIds::Rows& ids) {
  const Feature& feature = conversion.network.features[index];
  use_vocabulary(conversion, feature.table, feature.name, vocabulary_of(feature.name, ids));
}

void add_features(Conversion& conversion, const LibRecommenderColumns& columns,
                  const std::optional<LibRecommenderIds>& ids) {
  const auto add = [&](const std::string& name, const std::string& tensor, format::Role role) {
    const int table = add_table(conversion, tensor, name, format::MissingId::row);
    return add_id_feature(conversion, name, role_of(conversion, name, role), table);
  };
  const std::uint32_t user = add("user", columns.users, format::Role::user);
  use_last_row(conversion, user, false);
  const std::uint32_t item = add("item", columns.items, format::Role::candidate);
  put_in_history(conversion, item, conversion.network.features[item].table);
  use_last_row(conversion, item, true);
  if (ids) use_ids(conversion, user, ids->users);
  if (ids) use_ids(conversion, item, ids->items);
  if (columns.sparse.empty()) return;
  const Tensor& rows = conversion.claims.take(columns.sparse_table);  // of all sparse features
  const int shared = ids ? -1 : add_table(conversion, rows, columns.sparse[0].name);
  for (const LibRecommenderColumns::Column& sparse : columns.sparse) {
    int table = shared;
    if (ids) {
      const LibRecommenderIds::Sparse& own = ids->sparse.at(sparse.name);
      table = add_table(conversion, rows_of(rows, own.first_row, own.rows, sparse.name), sparse.name,
                        format::MissingId::row);
    }
    const format::Role role = sparse.of_item ? format::Role::candidate : format::Role::user;
    const std::uint32_t index = add_id_feature(conversion, sparse.name, role_of(conversion, sparse.name, role), table);
    if (sparse.of_item) put_in_history(conversion, index, table);
    if (sparse.of_item || ids) use_last_row(conversion, index, sparse.of_item);
    if (ids) use_ids(conversion, index, ids->sparse.at(sparse.name).values);
  }
}

std::size_t count_of_item(const std::vector<LibRecommenderColumns::Column>& columns) {
  return static_cast<std::size_t>(std::ranges::count(columns, true, &LibRecommenderColumns::Column::of_item));
}

// tfops/features.py: a number times its row of the one table of all dense features. Padding's numbers, and those of an
// item that training did not see, are the means over all items (data/data_info.py:403).
void add_numbers(Conversion& conversion, const LibRecommenderColumns& columns,
                 const std::optional<std::vector<double>>& means) {
  if (columns.dense.empty()) return;
  const Matrix rows = take_matrix(conversion.claims, columns.dense_table, WeightLayout::in_out);
  for (std::size_t i = 0, of_item = 0; i < columns.dense.size(); ++i) {
    const LibRecommenderColumns::Column& column = columns.dense[i];
    const format::Role role = column.of_item ? format::Role::candidate : format::Role::user;
    const std::uint32_t index = add_dense_feature(conversion, column.name, role_of(conversion, column.name, role), 1);
    const auto begin = rows.values.begin() + static_cast<std::ptrdiff_t>(i * rows.cols);
    Layer layer;
    layer.weight = {1, rows.cols, Vector(begin, begin + static_cast<std::ptrdiff_t>(rows.cols))};
    project_numbers(conversion, index, std::move(layer));
    if (!column.of_item) continue;
    put_numbers_in_history(conversion, index, 0, means ? Vector{means->at(of_item)} : Vector{});
    ++of_item;
  }
  if (means) conversion.found("padding of the item's numbers", "their means over all items", Certainty::companion);
  if (!means && count_of_item(columns.dense) > 0 && conversion.recipe.history.empty == format::EmptyHistory::pad_row) {
    throw Error(conversion.recipe.where(),
                "[history] empty: padding has the means of the item's numbers, which the package's MODEL" +
                    kLibRecommenderData + " tells; give it with --companion");
  }
}

// Padding's row of a sparse feature is the last of that feature's part of the table (feature/sparse.py, sparse_oov).
// Where parts begin is in the package's data alone; without it only the last feature's part ends with the table.
bool knows_padding(const LibRecommenderColumns& columns, bool has_ids, bool has_means) {
  if (count_of_item(columns.dense) > 0 && !has_means) return false;
  const std::size_t sparse = count_of_item(columns.sparse);
  return has_ids || sparse == 0 || (sparse == 1 && columns.sparse.back().of_item);
}

bool has_unit(const Checkpoint& checkpoint) {
  return checkpoint.find("attention/attention_layer1/kernel" + librecommender_ending(checkpoint)) != nullptr;
}

// layers/attention.py:55: dense_nn(…, (16, 1), activation=sigmoid), whose last layer is bare.
void take_unit(Conversion& conversion, Interest& interest, std::size_t width) {
  interest.layers.push_back(
      take_dense(conversion, "attention/attention_layer1", 4 * width, "the input of the attention"));
  interest.layers.back().activation = plain_activation(format::ActivationKind::sigmoid);
  interest.layers.push_back(
      take_dense(conversion, "attention/attention_layer2", width_of(interest.layers[0]), "the layer before"));
  conversion.found("activation of the attention", "sigmoid", Certainty::preset);
  choose_scale(conversion, interest, ScaleRecipe{true, 1}, width);
}

// layers/attention.py:26: keras.layers.Attention(use_scale=False), which has no tensors.
void use_dot_product(Conversion& conversion, Interest& interest, std::size_t width) {
  interest.score = format::Score::dot;
  conversion.found("score of a behaviour", "the dot product of candidate and behaviour", Certainty::companion);
  choose_scale(conversion, interest, ScaleRecipe{}, width);
}

void add_interest(Conversion& conversion, bool padding_is_known) {
  Interest interest;
  interest.fields = history_fields(conversion.network);
  const std::size_t width = key_width(conversion.network, interest.fields);
  (has_unit(conversion.checkpoint) ? take_unit : use_dot_product)(conversion, interest, width);
  choose_normalizer(conversion, interest, true, Certainty::preset);
  choose_empty(conversion, interest, padding_is_known ? format::EmptyHistory::pad_row : format::EmptyHistory::reject,
               padding_is_known ? Certainty::preset : Certainty::assumed);
  conversion.network.interests.push_back(std::move(interest));
}

// [user, item, sparse features, dense features, interest]
void add_tower_parts(Network& network) {
  for (std::uint32_t i = 0; i < network.features.size(); ++i) add_feature_part(network, i);
  add_interest_part(network, 0, key_width(network, network.interests[0].fields));
}

// layers/dense.py:13-52: batch norm of the input and of every activation; the last hidden layer has neither.
void add_tower(Conversion& conversion, std::size_t inputs) {
  const TensorClaims& claims = conversion.claims;
  const std::string ending = librecommender_ending(conversion.checkpoint);
  const auto [epsilon, sure] =
      conversion.decide(conversion.recipe.epsilon.batch_norm, kBatchNormEpsilon, Certainty::preset);
  std::vector<Layer>& tower = conversion.network.tower;
  const bool has_norm = std::ranges::any_of(conversion.checkpoint.tensors, [](const Tensor& tensor) {
    return tensor.name.starts_with("mlp/batch_normalization");
  });
  const auto fold_norm = [&](Layer& layer, std::size_t number) {
    const std::string norm =
        "mlp/batch_normalization" + (number == 0 ? std::string() : "_" + std::to_string(number)) + "/";
    if (!has_norm) return;
    fold_before(layer, take_norm(conversion.claims,
                                 {norm + "gamma" + ending, norm + "beta" + ending, norm + "moving_mean" + ending,
                                  norm + "moving_variance" + ending, epsilon},
                                 layer.weight.rows));
  };
  for (std::size_t i = 1; claims.has("mlp/mlp_layer" + std::to_string(i) + "/kernel" + ending); ++i) {
    if (i > 1) tower.back().activation = plain_activation(format::ActivationKind::relu);
    const std::size_t width = i == 1 ? inputs : width_of(tower.back());
    tower.push_back(take_dense(conversion, "mlp/mlp_layer" + std::to_string(i), width,
                               i == 1 ? "the input of the tower" : "the layer before"));
    fold_norm(tower.back(), i - 1);
  }
  tower.push_back(take_dense(conversion, "dense", tower.empty() ? inputs : width_of(tower.back()), "the layer before"));
  conversion.found("activation of the tower", "relu, none behind its last hidden layer", Certainty::preset);
  if (!has_norm) report_absent_parts(conversion, "tower", "batch norm", {"mlp"});
  if (has_norm) {
    conversion.found("batch norm of the tower", "before its layers, folded, epsilon " + number_text(epsilon), sure,
                     RecipeLine{"epsilon", "batch_norm = " + number_text(epsilon)});
  }
}

void ignore_training(Conversion& conversion) {
  const std::string ending = librecommender_ending(conversion.checkpoint);
  for (const std::string name : {"/Adam", "/Adam_1", "beta1_power", "beta2_power", "global_step"}) {
    conversion.claims.ignore_suffix(name + ending, "a number of the optimizer");
  }
}

// data/data_info.py, add_oovs: the row behind the last item has sparse_oov of each sparse feature, whatever the item's
// own.
void report_unseen_item(Conversion& conversion, const LibRecommenderColumns& columns, bool has_ids) {
  std::vector<std::string> sparse;
  for (const LibRecommenderColumns::Column& column : columns.sparse) {
    if (column.of_item) sparse.push_back(column.name);
  }
  if (sparse.empty()) return;
  conversion.found("an item that training did not see",
                   "has no " + listed(sparse) + " either: send " +
                       (has_ids ? "a value that training did not see" : "the row of its sparse_oov"),
                   Certainty::preset);
}

// Other models of the package have a DIN's tensors without those of the attention: YouTubeRanking, for one.
void check_attention(const Checkpoint& checkpoint, const LibRecommenderSettings& settings) {
  const std::string file = "MODEL" + kLibRecommenderSettings;
  if (has_unit(checkpoint) && settings.dot_attention) {
    throw Error(checkpoint.path, "has the layers of an attention, but its " + file +
                                     " says use_tf_attention, which has none: they are of two trainings");
  }
  if (has_unit(checkpoint) || settings.dot_attention) return;
  throw Error(checkpoint.path, "has no layers of an attention: a DIN with use_tf_attention, as its " + file +
                                   " would say (give it with --companion), or another model of the package");
}

void build(Conversion& conversion) {
  const LibRecommenderSettings settings = librecommender_settings(conversion.checkpoint);
  check_attention(conversion.checkpoint, settings);
  ignore_training(conversion);
  const LibRecommenderColumns columns = librecommender_columns(conversion);
  std::vector<std::string> sparse;
  for (const LibRecommenderColumns::Column& column : columns.sparse) sparse.push_back(column.name);
  const Tensor* rows = conversion.checkpoint.find(columns.sparse_table);
  const std::optional<LibRecommenderIds> ids =
      librecommender_ids(conversion.checkpoint, sparse, rows && rows->shape.size() == 2 ? rows->shape[0] : 0);
  add_features(conversion, columns, ids);
  const std::optional<std::vector<double>> means =
      librecommender_means(conversion.checkpoint, count_of_item(columns.dense));
  add_numbers(conversion, columns, means);
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), columns.certainty);
  conversion.found("ids", ids ? "raw ids of the package's data" : "the package's own: rows of its tables",
                   ids ? Certainty::companion : Certainty::preset);
  conversion.found("an id that training did not see", "the last row", Certainty::preset);
  report_unseen_item(conversion, columns, ids.has_value());
  add_history(conversion, settings.max_length.value_or(0),
              settings.max_length ? Certainty::companion : Certainty::assumed);
  add_interest(conversion, knows_padding(columns, ids.has_value(), means.has_value()));
  add_tower_parts(conversion.network);
  add_tower(conversion, tower_width(conversion.network));
  // prediction/predict.py:20-25. What a rating's bounds cut off is not cut off here.
  choose_link(conversion, settings.task == "rating" ? format::Link::identity : format::Link::sigmoid,
              settings.task ? Certainty::companion : Certainty::assumed);
}

bool recognises(const Checkpoint& checkpoint) {
  const std::string ending = librecommender_ending(checkpoint);
  return checkpoint.find("embedding/item_embeds_var" + ending) &&
         (has_unit(checkpoint) || librecommender_settings(checkpoint).dot_attention);
}

}  // namespace

extern const Preset kLibRecommender = {"librecommender", "LibRecommender", recognises, build,
                                       "embedding/item_embeds_var, attention/attention_layer1/kernel"};

}  // namespace dinghy::converter
