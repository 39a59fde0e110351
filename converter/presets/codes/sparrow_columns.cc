#include "converter/presets/codes/sparrow_columns.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "converter/error.h"
#include "converter/presets/keras_graph.h"
#include "converter/presets/keras_variables.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::json;
using Kind = SparrowPart::Kind;

const std::string kColumnLayer = "dense_features";
const std::string kTableSuffix = "_embedding/embedding_weights";

// The columns of the script, TFRecModel/…/DIN.py:88-108 and 66-70.
const std::vector<std::string> kUserNumbers = {"userRatingCount", "userAvgRating", "userRatingStddev"};
const std::vector<std::string> kMovieNumbers = {"releaseYear", "movieRatingCount", "movieAvgRating",
                                                "movieRatingStddev"};
const std::vector<std::string> kGenreColumns = {"userGenre1", "movieGenre1"};
const std::vector<std::string> kGenres = {"Film-Noir", "Action",   "Adventure", "Horror",      "Romance",
                                          "War",       "Comedy",   "Western",   "Documentary", "Sci-Fi",
                                          "Drama",     "Thriller", "Crime",     "Fantasy",     "Animation",
                                          "IMAX",      "Mystery",  "Children",  "Musical"};

// Trap 22: DenseFeatures sorts its columns by their names, and that of a table's column ends in "_embedding".
void sort_by_name(std::vector<SparrowColumn>& columns) {
  std::ranges::sort(columns, {}, [](const SparrowColumn& column) {
    return column.table.empty() ? column.name : column.name + "_embedding";
  });
}

Vocabulary vocabulary_of(const std::vector<std::string>& words, const std::string& name) {
  Vocabulary vocabulary;
  vocabulary.name = name;
  for (const std::string& word : words) vocabulary.string_rows.emplace_back(word, vocabulary.string_rows.size());
  return vocabulary;
}

// One DenseFeatures layer of a configuration.
class LayerReader {
 public:
  LayerReader(const KerasGraph& graph, const KerasLayer& layer) : source_(graph.source), layer_(layer) {}

  std::vector<SparrowColumn> read() const {
    const auto text = layer_.settings.find("feature_columns");
    const Json list = text == layer_.settings.end() ? Json() : Json::parse(text->second, nullptr, false);
    if (!list.is_array()) fail("lists no feature columns");
    std::vector<SparrowColumn> columns;
    try {
      for (const Json& column : list) columns.push_back(column_of(column.at("class_name"), column.at("config")));
    } catch (const Json::exception&) {
      fail("lists feature columns in a way that TensorFlow does not; the file is damaged");
    }
    sort_by_name(columns);
    return columns;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(source_, "the layer " + in_quotes(layer_.name) + " " + what);
  }

  SparrowColumn column_of(const std::string& class_name, const Json& config) const {
    if (class_name == "EmbeddingColumn") return table_column(config);
    if (class_name != "NumericColumn") {
      fail("has a column of the class " + class_name + ", which is not known here; use preset = \"generic\"");
    }
    SparrowColumn column;
    column.name = config.at("key");
    if (!config.value("normalizer_fn", Json()).is_null()) {
      fail("changes the numbers of " + in_quotes(column.name) + " with a function of Python, which no file holds");
    }
    const Json& shape = config.at("shape");
    if (shape.size() != 1 || !shape[0].is_number_unsigned()) fail("has numbers that are no list: " + column.name);
    column.width = shape[0].get<std::uint32_t>();
    return column;
  }

  SparrowColumn table_column(const Json& config) const {
    const std::string kind = config.at("categorical_column").at("class_name");
    const Json& ids = config.at("categorical_column").at("config");
    SparrowColumn column;
    column.name = ids.at("key");
    column.table = layer_.name + "/" + column.name + kTableSuffix;
    if (kind == "VocabularyListCategoricalColumn" && ids.value("num_oov_buckets", 0) == 0) {
      column.vocabulary = vocabulary_of(ids.at("vocabulary_list").get<std::vector<std::string>>(), source_);
    } else if (kind != "IdentityCategoricalColumn") {
      fail("finds the rows of " + in_quotes(column.name) + " by " + kind + ", which is not known here");
    }
    if (!config.value("max_norm", Json()).is_null())
      fail("cuts the rows of " + in_quotes(column.name) + " by max_norm");
    const Json& row = ids.at("default_value");
    if (row.is_number_unsigned()) column.missing_row = row.get<std::uint64_t>();
    return column;
  }

  const std::string& source_;
  const KerasLayer& layer_;
};

// What the Dense layer of that number takes.
KerasOutput first_input(const KerasGraph& graph, std::size_t number) {
  const auto dense = std::ranges::find_if(
      graph.layers, [&](const KerasLayer& layer) { return layer.class_name == "Dense" && layer.number == number; });
  if (dense == graph.layers.end()) throw Error(graph.source, "has fewer than three Dense layers");
  return graph.inputs_of({dense->name, 0}).front();
}

// DIN.py:146 compares k-q, k, q, k*q. The configuration tells where a network of the same columns does otherwise.
void check_attention(const KerasGraph& graph) {
  const auto classes_of = [&](const std::vector<KerasOutput>& outputs) {
    std::vector<std::string> classes;
    for (const KerasOutput& output : outputs) classes.push_back(graph.at(output.layer).class_name);
    return classes;
  };
  using Classes = std::vector<std::string>;
  const std::vector<KerasOutput> parts = graph.sources_of(first_input(graph, 0), {"Concatenate"});
  const bool in_order = classes_of(parts) == Classes{"Subtract", "Embedding", "RepeatVector", "Multiply"} &&
                        classes_of(graph.inputs_of(parts[0])) == Classes{"Embedding", "RepeatVector"};
  if (!in_order) {
    throw Error(graph.source,
                "compares the history in another way than the script's k-q, k, q, k*q; use preset = "
                "\"generic\"");
  }
}

// What the configuration puts side by side for the first layer of the tower, which is the third Dense.
SparrowColumns columns_of(const KerasGraph& graph) {
  SparrowColumns columns{{}, graph.certainty};
  const KerasOutput input = first_input(graph, 2);
  Kind next = Kind::user_columns;  // then those of the movie
  for (const KerasOutput& source : graph.sources_of(input, {"Concatenate"})) {
    const KerasLayer& layer = graph.at(source.layer);
    if (layer.class_name == "DenseFeatures") {
      columns.parts.push_back({next, LayerReader(graph, layer).read()});
      next = Kind::movie_columns;
    } else {
      columns.parts.push_back({layer.class_name == "Lambda" ? Kind::interest : Kind::movie, {}});
    }
  }
  check_attention(graph);
  return columns;
}

std::vector<SparrowColumn> script_columns(const Checkpoint& checkpoint, const std::string& layer,
                                          const std::vector<std::string>& numbers) {
  std::vector<SparrowColumn> columns;
  for (const std::string& name : numbers) columns.push_back({name, "", 1, {}, {}});
  for (const Tensor& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with(layer + "/") || !tensor.name.ends_with(kTableSuffix)) continue;
    const std::size_t begin = layer.size() + 1;
    SparrowColumn column{
        tensor.name.substr(begin, tensor.name.size() - begin - kTableSuffix.size()), tensor.name, 1, {}, {}};
    if (std::ranges::find(kGenreColumns, column.name) != kGenreColumns.end()) {
      column.vocabulary = vocabulary_of(kGenres, "the script's genres");
    }
    columns.push_back(std::move(column));
  }
  sort_by_name(columns);
  return columns;
}

SparrowColumns columns_of_script(const Checkpoint& checkpoint) {
  const std::vector<std::string> layers = keras_layers(checkpoint, "", kColumnLayer);
  if (layers.size() != 2) {
    throw Error(checkpoint.path, "has " + std::to_string(layers.size()) +
                                     " layers of feature columns with tables, not the script's two; put the text of "
                                     "model.to_json() beside it as model_config.json");
  }
  return {{{Kind::user_columns, script_columns(checkpoint, layers[0], kUserNumbers)},
           {Kind::interest, {}},
           {Kind::movie, {}},
           {Kind::movie_columns, script_columns(checkpoint, layers[1], kMovieNumbers)}},
          Certainty::assumed};
}

}  // namespace

// Feature columns are Keras' own: which tables they have tells the script from others.
bool has_script_tables(const Checkpoint& checkpoint) {
  std::vector<std::string> tables;
  for (const Tensor& tensor : checkpoint.tensors) {
    if (!tensor.name.starts_with(kColumnLayer) || !tensor.name.ends_with(kTableSuffix)) continue;
    const std::string path = tensor.name.substr(0, tensor.name.size() - kTableSuffix.size());
    tables.push_back(path.substr(path.find_last_of('/') + 1));
  }
  std::ranges::sort(tables);
  return tables == std::vector<std::string>{"movieGenre1", "userGenre1", "userId"};
}

SparrowColumns sparrow_columns(const Checkpoint& checkpoint) {
  const auto graph = keras_graph(checkpoint);
  return graph ? columns_of(*graph) : columns_of_script(checkpoint);
}

}  // namespace dinghy::converter
