// The DIN of Alibaba's x-deeplearning, as its serving engine Blaze computes it (xdl-algorithm-solution/DIN).
#include <charconv>
#include <span>

#include "converter/error.h"
#include "converter/presets/activation_setting.h"
#include "converter/presets/attention.h"
#include "converter/presets/batch_dice.h"
#include "converter/presets/facts.h"
#include "converter/presets/features.h"
#include "converter/presets/ids.h"
#include "converter/presets/inputs.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/text/number_text.h"

namespace dinghy::converter {
namespace {

constexpr double kBatchNormEpsilon = 1e-3;  // the graph's bn_param
constexpr double kDiceEpsilon = 1e-9;
const std::string kScope = "tf_model/";

std::string table_of(const Conversion& conversion, const std::string& feature) {
  const std::string* table = find_fact(conversion.checkpoint, "feature_group." + feature + ".table_name");
  return table ? *table : feature + "_embedding";
}

// The reader hands the ids out row by row, beside the table.
Vocabulary take_vocabulary(Conversion& conversion, const std::string& table) {
  const Tensor& ids = conversion.claims.take(table + "/ids");
  if (ids.dtype != DType::i64 || ids.shape.size() != 1) conversion.claims.fail(ids.name, "is no list of int64 ids");
  std::vector<std::int64_t> keys(ids.numel());
  ids.storage->read(ids.offset * sizeof(std::int64_t), std::as_writable_bytes(std::span(keys)));
  Vocabulary vocabulary;
  vocabulary.name = table;
  for (std::uint64_t row = 0; row < keys.size(); ++row) vocabulary.int64_rows.emplace_back(keys[row], row);
  return vocabulary;
}

std::uint32_t add_feature(Conversion& conversion, const std::string& name, format::Role role) {
  const std::string tensor = table_of(conversion, name);
  // Blaze knows no row for an id that training never saw.
  const int index = add_table(conversion, tensor, name, format::MissingId::zero);
  use_vocabulary(conversion, index, name, take_vocabulary(conversion, tensor));
  const std::uint32_t feature = add_id_feature(conversion, name, role_of(conversion, name, role), index);
  if (role == format::Role::candidate) {
    const std::string history_table = table_of(conversion, name + "_list");
    if (find_fact(conversion.checkpoint, "feature_group." + name + "_list.table_name") && history_table != tensor) {
      throw Error(conversion.checkpoint.path, name + " and " + name +
                                                  "_list have tables of their own, which this "
                                                  "preset does not expect");
    }
    put_in_history(conversion, feature, index);
    // Blaze pads with vectors of zeros; the row of id 0, if there is one, is an item.
    if (!conversion.recipe.history.pad_row) conversion.network.features[feature].pad_row = -1;
  }
  return feature;
}

std::uint32_t trained_length(const Checkpoint& checkpoint) {
  std::uint32_t length = 0;
  if (const std::string* text = find_fact(checkpoint, "feature_group.mid_list.trunc_num")) {
    std::from_chars(text->data(), text->data() + text->size(), length);
  }
  return length;
}

Layer take_layer(Conversion& conversion, const std::string& scope, std::size_t inputs, const std::string& what) {
  return take_linear(conversion.claims, kScope + scope + "/kernel", kScope + scope + "/bias", WeightLayout::in_out,
                     inputs, what);
}

void add_interest(Conversion& conversion, const std::vector<Field>& fields, std::uint32_t width) {
  Interest interest;
  interest.fields = fields;
  std::size_t inputs = 4 * width;
  for (const std::string scope : {"f1_attnull", "f2_attnull", "f3_attnull"}) {
    interest.layers.push_back(take_layer(conversion, scope, inputs, "the input of the attention layer"));
    inputs = width_of(interest.layers.back());
    if (scope != "f3_attnull") {
      interest.layers.back().activation = plain_activation(format::ActivationKind::sigmoid);
    }
  }
  conversion.found("activation of the attention", "sigmoid", Certainty::preset);
  choose_normalizer(conversion, interest, true, Certainty::preset);
  choose_scale(conversion, interest, ScaleRecipe{}, width);
  choose_empty(conversion, interest, format::EmptyHistory::zero, Certainty::assumed);
  conversion.network.interests.push_back(std::move(interest));
}

// [uid, item, sum of the history, item * that sum, interest]
std::uint32_t add_tower_parts(Conversion& conversion, std::uint32_t user, const std::vector<Field>& fields,
                              std::uint32_t key_width) {
  Network& network = conversion.network;
  const auto vector_of = [&](format::Source source, std::uint32_t feature) {
    return Operand{source, feature, 0, network.features[feature].width, 0};
  };
  network.tower_parts.push_back({vector_of(format::Source::feature, user), {}});
  for (const Field& field : fields)
    network.tower_parts.push_back({vector_of(format::Source::feature, field.query), {}});
  for (const Field& field : fields) {
    network.tower_parts.push_back({vector_of(format::Source::history_sum, field.key), {}});
  }
  for (const Field& field : fields) {
    network.tower_parts.push_back(
        {vector_of(format::Source::feature, field.query), vector_of(format::Source::history_sum, field.key)});
  }
  network.tower_parts.push_back({{format::Source::interest, 0, 0, key_width, 0}, {}});
  return network.features[user].width + 4 * key_width;
}

// Blaze's batch norm has the statistics of training. The script's own has those of the batch, also when it scores
// (DIN/script/model.py:114, 160-161, training=True), as has its Dice, whose moving statistics are then not there.
void add_input_norm(Conversion& conversion, bool by_batch, double epsilon) {
  const std::string bn1 = kScope + "bn1/";
  Layer& first = conversion.network.tower[0];
  const std::size_t width = first.weight.rows;
  if (!by_batch) {
    const NormRecipe norm = {bn1 + "gamma", bn1 + "beta", bn1 + "moving_mean", bn1 + "moving_variance", epsilon};
    return fold_before(first, take_norm(conversion.claims, norm, width));
  }
  fold_before(first, {take_vector(conversion.claims, bn1 + "gamma", width),
                      take_vector(conversion.claims, bn1 + "beta", width)});
  conversion.batch_norms.push_back({0, BatchNorm::Place::input, epsilon, 0});
  for (const std::string statistic : {"moving_mean", "moving_variance"}) {
    if (conversion.claims.has(bn1 + statistic)) {
      conversion.claims.ignore(bn1 + statistic, "the script scores by the statistics of the batch");
    }
  }
}

void add_tower(Conversion& conversion, std::size_t inputs) {
  const bool by_batch = !conversion.claims.has(kScope + "batch_normalization/moving_mean");
  const auto [dice, dice_sure] = conversion.decide(conversion.recipe.epsilon.dice, kDiceEpsilon, Certainty::preset);
  const auto [norm, norm_sure] =
      conversion.decide(conversion.recipe.epsilon.batch_norm, kBatchNormEpsilon, Certainty::preset);
  std::vector<Layer>& tower = conversion.network.tower;
  for (const std::string number : {"1", "2"}) {
    tower.push_back(take_layer(conversion, "f" + number, inputs, "the input of the tower's layer"));
    inputs = width_of(tower.back());
    const std::string statistics = kScope + (number == "1" ? "batch_normalization/" : "batch_normalization_1/");
    const std::string alpha = kScope + "dice_" + number + "/alphadice_" + number;
    tower.back().activation =
        by_batch ? batch_dice(conversion, tower.size() - 1, take_alpha(conversion.claims, alpha, inputs), {dice, dice})
                 : take_dice(conversion.claims, alpha,
                             {"", "", statistics + "moving_mean", statistics + "moving_variance", dice}, inputs);
  }
  tower.push_back(take_layer(conversion, "f3", inputs, "the layer before"));
  add_input_norm(conversion, by_batch, norm);
  conversion.found("activation of the tower", "Dice, epsilon " + number_text(dice), dice_sure,
                   RecipeLine{"epsilon", "dice = " + number_text(dice)});
  conversion.found("batch norm of the tower's input", "folded, epsilon " + number_text(norm), norm_sure,
                   RecipeLine{"epsilon", "batch_norm = " + number_text(norm)});
  conversion.found("click", "class 0 of two, softmax", Certainty::preset);
}

void build(Conversion& conversion) {
  const std::uint32_t user = add_feature(conversion, "uid", format::Role::user);
  const std::uint32_t item = add_feature(conversion, "mid", format::Role::candidate);
  const std::uint32_t category = add_feature(conversion, "cat", format::Role::candidate);
  check_inputs(conversion);
  report_roles(conversion, conversion.recipe.inputs.user ? Certainty::recipe : Certainty::preset, Certainty::preset);
  refuse_activation(conversion, conversion.recipe.attention.activation, "attention", "sigmoid");
  refuse_activation(conversion, conversion.recipe.tower.activation, "tower", "Dice");
  const std::uint32_t length = trained_length(conversion.checkpoint);
  add_history(conversion, length, length > 0 ? Certainty::file : Certainty::assumed);
  const std::vector<Field> fields = {{item, item}, {category, category}};
  const std::uint32_t width = conversion.network.features[item].width + conversion.network.features[category].width;
  add_interest(conversion, fields, width);
  add_tower(conversion, add_tower_parts(conversion, user, fields, width));
  conversion.found("an id without a row", "a vector of zeros, unless [ids] says otherwise", Certainty::preset);
}

bool recognises(const Checkpoint& checkpoint) {
  return checkpoint.find(kScope + "f1_attnull/kernel") && checkpoint.find("mid_embedding/ids");
}

}  // namespace

extern const Preset kXdl = {"xdl", "x-deeplearning", recognises, build,
                            "tf_model/f1_attnull/kernel, mid_embedding/ids"};

}  // namespace dinghy::converter
