#include "converter/presets/codes/deepctr_columns.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/inputs.h"
#include "converter/presets/keras_graph.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

using Columns = DeepctrColumns;

const std::string kSparse = "sparse_emb_";        // deepctr/inputs.py:38
const std::string kSequence = "sparse_seq_emb_";  // deepctr/inputs.py:48
const std::string kHistory = "hist_";             // deepctr/models/sequence/din.py:54
const std::string kAttention = "AttentionSequencePoolingLayer";
const std::string kNumberedTable = "embedding";
// What only puts vectors side by side. Concatenate: up to 0.8.
const std::vector<std::string> kTransparent = {"Concat", "Concatenate", "Flatten", "NoMask"};

std::optional<std::string> setting(const KerasLayer& layer, const std::string& key) {
  const auto found = layer.settings.find(key);
  return found == layer.settings.end() ? std::nullopt : std::optional(found->second);
}

class GraphReader {
 public:
  explicit GraphReader(const KerasGraph& graph) : graph_(graph) {}

  Columns read() {
    columns_.certainty = columns_.order = graph_.certainty;
    const KerasLayer& attention = graph_.only(kAttention);
    const std::vector<KerasOutput>& inputs = graph_.inputs_of({attention.name, 0});
    if (inputs.size() != 2) {
      throw Error(graph_.source, "calls the attention with " + std::to_string(inputs.size()) +
                                     " inputs, not with query and keys; DeepCTR before 0.5 is not known here");
    }
    for (const KerasOutput& query : sources_of(inputs[0])) columns_.query.push_back(input_of(query));
    for (const KerasOutput& key : sources_of(inputs[1])) add_history(key);
    for (const KerasOutput& part : sources_of(graph_.inputs_of({graph_.only("DNN").name, 0}).front())) add_part(part);
    add_settings(attention);
    return std::move(columns_);
  }

 private:
  std::vector<KerasOutput> sources_of(const KerasOutput& output) const {
    return graph_.sources_of(output, kTransparent);
  }

  // The feature that a call of a table looks up, behind its hash where it has one.
  KerasOutput looked_up(const KerasOutput& output) const {
    const KerasLayer& table = graph_.at(output.layer);
    if (table.class_name != "Embedding") {
      throw Error(graph_.source, "feeds the layer " + in_quotes(table.name) + " of the class " + table.class_name +
                                     " to the network, which is not known here; use preset = \"generic\"");
    }
    return graph_.inputs_of(output).front();
  }

  std::string input_of(const KerasOutput& output) const {
    const KerasOutput input = looked_up(output);
    return graph_.at(input.layer).class_name == "Hash" ? graph_.inputs_of(input).front().layer : input.layer;
  }

  Columns::Ids ids_of(const KerasOutput& output) const {
    Columns::Ids ids{output.layer, 0, false, false};
    const KerasLayer& hash = graph_.at(looked_up(output).layer);
    if (hash.class_name != "Hash") return ids;
    if (setting(hash, "vocabulary_path").value_or("null") != "null") {
      throw Error(graph_.source, "looks ids of " + in_quotes(input_of(output)) + " up in the file " +
                                     in_quotes(*setting(hash, "vocabulary_path")) +
                                     "; use preset = \"generic\" with [ids] and that vocabulary");
    }
    const std::string buckets = setting(hash, "num_buckets").value_or("");
    if (buckets.empty() || buckets.size() > 18 || buckets.find_first_not_of("0123456789") != std::string::npos) {
      throw Error(graph_.source, "does not say how many buckets the hash " + in_quotes(hash.name) + " has");
    }
    ids.buckets = std::stoull(buckets);
    ids.keep_zero = setting(hash, "mask_zero") == "true";
    ids.of_texts = setting(graph_.at(input_of(output)), "dtype") == "string";
    return ids;
  }

  void add_history(const KerasOutput& key) {
    const std::string name = input_of(key);
    if (!name.starts_with(kHistory)) {
      throw Error(graph_.source, "has a history column " + in_quotes(name) + " without \"hist_\" in front");
    }
    columns_.history.push_back({name.substr(kHistory.size()), ids_of(key)});
    columns_.max_length = std::max(columns_.max_length, graph_.width_of_input(name));
  }

  void add_part(const KerasOutput& part) {
    const KerasLayer& layer = graph_.at(part.layer);
    if (layer.class_name == kAttention) {
      columns_.tower.push_back({Columns::Kind::interest, 0});
    } else if (layer.class_name == "InputLayer") {
      columns_.tower.push_back({Columns::Kind::dense, columns_.dense.size()});
      columns_.dense.push_back({layer.name, std::max(1u, graph_.width_of_input(layer.name))});
    } else if (layer.class_name == "SequencePoolingLayer") {
      throw Error(graph_.source, "pools a sequence without attention; use preset = \"generic\" with a bag feature");
    } else {
      columns_.tower.push_back({Columns::Kind::sparse, columns_.sparse.size()});
      columns_.sparse.push_back({input_of(part), ids_of(part)});
    }
  }

  void add_settings(const KerasLayer& attention) {
    columns_.attention_activation = setting(attention, "att_activation");
    if (const auto softmax = setting(attention, "weight_normalization")) columns_.softmax = *softmax == "true";
    columns_.tower_activation = setting(graph_.only("DNN"), "activation");
    columns_.task = setting(graph_.only("PredictionLayer"), "task");
  }

  const KerasGraph& graph_;
  Columns columns_;
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::vector<std::string> table_layers(const Checkpoint& checkpoint) {
  std::vector<std::string> layers;
  for (const Tensor& tensor : checkpoint.tensors) {
    const std::string layer = tensor.name.substr(0, tensor.name.find('/'));
    const bool named = layer.starts_with(kSparse) || layer.starts_with(kSequence);
    if (named || layer == kNumberedTable || layer.starts_with(kNumberedTable + "_")) layers.push_back(layer);
  }
  return layers;
}

// Tables without names, as the layout of Keras 3 leaves them, are called as there: "embedding_1".
void add_tables(const Conversion& conversion, Columns& columns) {
  const std::vector<std::string> layers = table_layers(conversion.checkpoint);
  for (const std::string& layer : layers) {
    if (layer.starts_with(kSequence + kHistory)) {
      columns.history.push_back({layer.substr((kSequence + kHistory).size()), {layer}});
    } else if (layer.starts_with(kSequence)) {
      throw Error(conversion.checkpoint.path,
                  "the sequence of " + in_quotes(layer) +
                      " is pooled without attention; use preset = \"generic\" with a bag feature");
    } else {
      columns.sparse.push_back({layer.starts_with(kSparse) ? layer.substr(kSparse.size()) : layer, {layer}});
    }
  }
  // A table that candidate and history share has the name of the last feature that declares it.
  for (const Columns::History& history : columns.history) {
    if (std::ranges::find(columns.sparse, history.feature, &Columns::Sparse::name) == columns.sparse.end()) {
      columns.sparse.push_back({history.feature, history.ids});
    }
  }
  for (const std::string& feature : conversion.recipe.inputs.history.value_or(std::vector<std::string>{})) {
    const auto sparse = std::ranges::find(columns.sparse, feature, &Columns::Sparse::name);
    const bool known = std::ranges::find(columns.history, feature, &Columns::History::feature) != columns.history.end();
    if (sparse != columns.sparse.end() && !known) columns.history.push_back({feature, sparse->ids});
  }
  if (columns.history.empty()) {
    throw Error(conversion.checkpoint.path,
                "does not say which features the history has; give the model's configuration (model.to_json(), as "
                "model_config.json beside it), or a recipe with [inputs] history = […], out of " +
                    listed(layers));
  }
}

// The file has the tables in the order of the layers, not in that of the feature columns.
void sort_sparse(const Conversion& conversion, Columns& columns) {
  const auto& order = conversion.recipe.inputs.order;
  if (order) {
    for (const Columns::Sparse& sparse : columns.sparse) {
      if (!contains(*order, sparse.name)) {
        throw Error(conversion.recipe.where(), "[inputs] order leaves out the feature " + in_quotes(sparse.name));
      }
    }
  }
  const auto place = [&](const Columns::Sparse& sparse) {
    if (order) return std::ranges::find(*order, sparse.name) - order->begin();
    return std::ranges::count(columns.history, sparse.name, &Columns::History::feature);
  };
  std::ranges::stable_sort(columns.sparse, {}, place);
  columns.order = order ? Certainty::recipe : Certainty::assumed;
}

Columns columns_of_tables(const Conversion& conversion) {
  Columns columns;
  columns.certainty = conversion.recipe.inputs.history ? Certainty::recipe : Certainty::file;
  add_tables(conversion, columns);
  sort_sparse(conversion, columns);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns.sparse.size(); ++i) {
    names.push_back(columns.sparse[i].name);
    columns.tower.push_back({Columns::Kind::sparse, i});
  }
  for (const std::string& name : names) {
    const auto column = std::ranges::find(columns.history, name, &Columns::History::feature);
    if (column != columns.history.end()) columns.query.push_back(name);
  }
  std::ranges::sort(columns.history, {}, [&](const Columns::History& history) {
    return std::ranges::find(names, history.feature) - names.begin();
  });
  columns.tower.push_back({Columns::Kind::interest, 0});
  for (const NamedWidth& dense : dense_inputs(conversion, names)) {
    columns.tower.push_back({Columns::Kind::dense, columns.dense.size()});
    columns.dense.push_back({dense.name, dense.width});
  }
  return columns;
}

}  // namespace

DeepctrColumns deepctr_columns(const Conversion& conversion) {
  const auto graph = keras_graph(conversion.checkpoint);
  return graph ? GraphReader(*graph).read() : columns_of_tables(conversion);
}

}  // namespace dinghy::converter
