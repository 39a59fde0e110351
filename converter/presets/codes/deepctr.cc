// The DIN of DeepCTR: deepctr/models/sequence/din.py.
#include <algorithm>
#include <map>

#include "converter/error.h"
#include "converter/presets/attention.h"
#include "converter/presets/codes/deepctr_columns.h"
#include "converter/presets/codes/deepctr_layers.h"
#include "converter/presets/features.h"
#include "converter/presets/head.h"
#include "converter/presets/inputs.h"
#include "converter/presets/keras_graph.h"
#include "converter/presets/keras_variables.h"
#include "converter/presets/layers.h"
#include "converter/presets/presets.h"
#include "converter/presets/tower_parts.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using Columns = DeepctrColumns;

class Features {
 public:
  Features(Conversion& conversion, const Columns& columns) : conversion_(conversion), columns_(columns) {}

  void add() {
    for (const Columns::Sparse& sparse : columns_.sparse) {
      const bool behaves =
          std::ranges::find(columns_.history, sparse.name, &Columns::History::feature) != columns_.history.end();
      const format::Role assumed = behaves ? format::Role::candidate : format::Role::user;
      add_id_feature(conversion_, sparse.name, role_of(conversion_, sparse.name, assumed),
                     table_of(sparse.ids, sparse.name));
    }
    for (const Columns::History& history : columns_.history) {
      put_in_history(conversion_, feature_index(conversion_, history.feature), table_of(history.ids, history.feature));
    }
    for (const Columns::Dense& dense : columns_.dense) {
      // The one role that never is wrong: a number of the user may come with every candidate.
      add_dense_feature(conversion_, dense.name, role_of(conversion_, dense.name, format::Role::candidate),
                        dense.width);
    }
  }

 private:
  int table_of(const Columns::Ids& ids, const std::string& feature) {
    const auto known = tables_.find(ids.layer);
    if (known != tables_.end()) {
      if (known->second.second != hash_of(ids)) {
        throw Error(conversion_.checkpoint.path,
                    "the table " + in_quotes(ids.layer) + " is looked up with two hashes, which is not possible here");
      }
      return known->second.first;
    }
    const int index = add_table(conversion_, keras_table(conversion_.checkpoint, ids.layer), feature);
    tables_[ids.layer] = {index, hash_of(ids)};
    if (ids.buckets > 0) use_hash(index, ids, feature);
    return index;
  }

  static format::IdHash hash_of(const Columns::Ids& ids) {
    if (ids.buckets == 0) return format::IdHash::none;
    return ids.keep_zero ? format::IdHash::farmhash64_decimal_keep_zero : format::IdHash::farmhash64_decimal;
  }

  void use_hash(int index, const Columns::Ids& ids, const std::string& feature) {
    const auto said = conversion_.recipe.ids.find(feature);
    if (said != conversion_.recipe.ids.end() && (said->second.hash || !said->second.vocabulary.empty())) return;
    Table& table = conversion_.network.tables[static_cast<std::size_t>(index)];
    const auto rows = static_cast<std::uint64_t>(table.source.shape[0]);
    if (ids.buckets > rows || (ids.keep_zero && ids.buckets < 2)) {
      throw Error(conversion_.checkpoint.path, "hashes ids of " + in_quotes(feature) + " to " +
                                                   std::to_string(ids.buckets) + " buckets, but its table has " +
                                                   std::to_string(rows) + " rows");
    }
    table.hash = hash_of(ids);
    table.hash_buckets = ids.buckets;
    conversion_.found(
        "ids of the table " + ids.layer,
        "hashed to " + std::to_string(ids.buckets) + " buckets" + (ids.keep_zero ? ", 0 stays 0" : "") +
            (ids.of_texts ? "; texts in training, but here only those that are whole numbers: give others "
                            "their rows as [ids." +
                                feature + "] vocabulary"
                          : ""),
        columns_.certainty);
  }

  Conversion& conversion_;
  const Columns& columns_;
  std::map<std::string, std::pair<int, format::IdHash>> tables_;  // by layer
};

// The query follows the order of the sparse columns, the keys that of the history columns.
std::vector<Field> fields_of(const Conversion& conversion, const Columns& columns) {
  if (columns.query.size() != columns.history.size()) {
    throw Error(conversion.checkpoint.path, "the candidate has " + std::to_string(columns.query.size()) +
                                                " columns in the attention, the history " +
                                                std::to_string(columns.history.size()));
  }
  std::vector<Field> fields;
  for (std::size_t i = 0; i < columns.query.size(); ++i) {
    const std::uint32_t query = feature_index(conversion, columns.query[i]);
    const std::uint32_t key = feature_index(conversion, columns.history[i].feature);
    if (conversion.network.features[query].width != conversion.network.features[key].width) {
      throw Error(conversion.checkpoint.path, "the history's columns come in another order than the candidate's, so " +
                                                  in_quotes(columns.query[i]) + " would be compared with " +
                                                  in_quotes(columns.history[i].feature));
    }
    fields.push_back({query, key});
  }
  return fields;
}

std::optional<std::pair<std::string, Certainty>> with(const std::optional<std::string>& word, Certainty certainty) {
  return word ? std::optional(std::pair(*word, certainty)) : std::nullopt;
}

void add_interest(Conversion& conversion, const Columns& columns, const DeepctrScopes& scopes) {
  Interest interest;
  interest.fields = fields_of(conversion, columns);
  const std::uint32_t width = key_width(conversion.network, interest.fields);
  interest.layers = take_deepctr_dnn(conversion, scopes.unit_dnn, "attention", 4 * width,
                                     with(columns.attention_activation, columns.certainty));
  interest.layers.push_back(take_linear(conversion.claims, keras_kernel(conversion.checkpoint, scopes.unit),
                                        keras_bias(conversion.checkpoint, scopes.unit), WeightLayout::in_out,
                                        interest.layers.empty() ? 4 * width : width_of(interest.layers.back()),
                                        "the layer before"));
  choose_normalizer(conversion, interest, columns.softmax.value_or(false),
                    columns.softmax ? columns.certainty : Certainty::assumed);
  choose_scale(conversion, interest, ScaleRecipe{}, width);
  // The masked logits of a history without behaviours are all equal: softmax averages the rows of padding.
  const bool softmax = interest.normalizer == format::Normalizer::softmax;
  choose_empty(conversion, interest, softmax ? format::EmptyHistory::pad_row : format::EmptyHistory::zero,
               Certainty::preset);
  conversion.network.interests.push_back(std::move(interest));
}

void add_tower_parts(Conversion& conversion, const Columns& columns) {
  Network& network = conversion.network;
  std::vector<std::string> names;
  for (const Columns::Part& part : columns.tower) {
    if (part.kind == Columns::Kind::interest) {
      add_interest_part(network, 0, key_width(network, network.interests[0].fields));
      continue;
    }
    const bool dense = part.kind == Columns::Kind::dense;
    names.push_back(dense ? columns.dense[part.index].name : columns.sparse[part.index].name);
    add_feature_part(network, feature_index(conversion, names.back()));
  }
  conversion.found("order of the features", listed(names), columns.order);
}

void add_tower(Conversion& conversion, const Columns& columns, const DeepctrScopes& scopes) {
  add_tower_parts(conversion, columns);
  Network& network = conversion.network;
  const std::size_t width = tower_width(network);
  network.tower =
      take_deepctr_dnn(conversion, scopes.tower_dnn, "tower", width, with(columns.tower_activation, columns.certainty));
  // layers/core.py, PredictionLayer: the logit's bias, which din.py never switches off.
  network.tower.push_back(
      take_linear(conversion.claims, keras_kernel(conversion.checkpoint, scopes.output),
                  keras_variable(conversion.checkpoint, scopes.prediction, "global_bias", 0), WeightLayout::in_out,
                  network.tower.empty() ? width : width_of(network.tower.back()), "the layer before"));
  choose_link(conversion, columns.task == "regression" ? format::Link::identity : format::Link::sigmoid,
              columns.task ? columns.certainty : Certainty::assumed);
}

// Dense features have no tensor of their own: they are what the first tower layer takes beyond vectors and interest.
void check_dense_width(const Conversion& conversion, const Columns& columns, const DeepctrScopes& scopes) {
  const Tensor* first =
      conversion.checkpoint.find(keras_variable(conversion.checkpoint, scopes.tower_dnn, "kernel0", 0));
  if (!first || first->shape.size() != 2) return;
  std::int64_t known = 0, dense = 0;
  for (const Columns::Dense& feature : columns.dense) dense += feature.width;
  for (const Feature& feature : conversion.network.features) {
    if (feature.kind == format::FeatureKind::id) known += feature.width * (feature.sequence >= 0 ? 2 : 1);
  }
  const std::int64_t missing = first->shape[0] - known;
  if (missing == dense || missing < 0) return;
  throw Error(conversion.recipe.path.empty() ? conversion.checkpoint.path : conversion.recipe.path,
              "the tower takes " + std::to_string(missing) + " dense numbers, but " + std::to_string(dense) +
                  " are named; name them in [inputs] of a recipe, in the list of their role, wide ones also as dense = "
                  "[\"name:width\"], or give the model's configuration as model_config.json");
}

void build(Conversion& conversion) {
  const DeepctrScopes scopes = find_deepctr_scopes(conversion.checkpoint).value_or(DeepctrScopes{});
  const Columns columns = deepctr_columns(conversion);
  Features(conversion, columns).add();
  check_inputs(conversion);
  report_roles(conversion, roles_certainty(conversion), columns.certainty);
  check_dense_width(conversion, columns, scopes);
  Sequence otherwise;
  otherwise.max_length = columns.max_length;
  otherwise.mask = format::Mask::every_id;  // the AND of the masks of all columns (deepctr/layers/utils.py, Concat)
  add_history(conversion, conversion.recipe.history, otherwise,
              columns.max_length > 0 ? columns.certainty : Certainty::assumed);
  add_interest(conversion, columns, scopes);
  add_tower(conversion, columns, scopes);
}

bool recognises(const Checkpoint& checkpoint) { return find_deepctr_scopes(checkpoint).has_value(); }

}  // namespace

extern const Preset kDeepctr = {"deepctr", "DeepCTR", recognises, build,
                                "attention_sequence_pooling_layer/local_activation_unit/dnn/kernel0"};

}  // namespace dinghy::converter
