#include "converter/presets/codes/fuxictr_tables.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/computed_table.h"
#include "converter/presets/features.h"
#include "converter/presets/ids.h"
#include "converter/presets/layers.h"

namespace dinghy::converter {
namespace {

std::size_t columns(const Tensor& tensor) { return static_cast<std::size_t>(tensor.shape.at(1)); }

void require_rows(const TensorClaims& claims, const Tensor& tensor) {
  if (tensor.shape.size() == 2 && tensor.shape[0] > 0 && tensor.shape[1] > 0) return;
  claims.fail(tensor.name, "has the shape " + tensor.shape_text() + "; a table needs [rows, width]");
}

// Rows [begin, end) of a matrix [in][out]: what it does with some of its inputs.
Matrix some_inputs(const Matrix& matrix, std::size_t begin, std::size_t end) {
  const auto first = matrix.values.begin();
  return {end - begin, matrix.cols,
          Vector(first + static_cast<std::ptrdiff_t>(begin * matrix.cols),
                 first + static_cast<std::ptrdiff_t>(end * matrix.cols))};
}

// PretrainedEmbedding (layers/embeddings/pretrained_embedding.py:164-187): the rows of the package, those that were
// trained, or both, added or side by side in front of a projection. What lies behind the row of unknown ids is masked.
class PretrainedRows {
 public:
  PretrainedRows(TensorClaims& claims, const std::string& module, const FuxictrFeature& feature)
      : claims_(claims), module_(module), feature_(feature), given_(take("pretrain_embedding.weight")) {
    known_ = static_cast<std::uint64_t>(given_.shape[0]);
    if (feature.unknown_row) known_ = std::min(known_, static_cast<std::uint64_t>(*feature.unknown_row + 1));
  }

  Tensor rows() {
    std::vector<TableTerm> terms = {
        {given_, {}, feature_.frozen ? static_cast<std::uint64_t>(given_.shape[0]) : known_}};
    const bool is_init = feature_.usage.empty() || feature_.usage == "init";
    if (!is_init || claims_.has(module_ + ".id_embedding.weight"))
      terms.push_back({take("id_embedding.weight"), {}, known_});
    if (feature_.usage == "concat" || claims_.has(module_ + ".proj.weight")) project(terms);
    if (terms.size() == 2) check(terms);
    return computed_table(module_, std::move(terms));
  }

 private:
  Tensor take(const std::string& name) {
    const Tensor& tensor = claims_.take(module_ + "." + name);
    require_rows(claims_, tensor);
    return tensor;
  }

  void project(std::vector<TableTerm>& terms) {
    const std::string name = module_ + ".proj.weight";
    const Matrix matrix = take_matrix(claims_, name, WeightLayout::out_in);
    const std::size_t given = columns(given_);
    const std::size_t both = terms.size() == 2 ? given + columns(terms[1].table) : given;
    if (matrix.rows != given && matrix.rows != both) claims_.fail(name, "does not take the rows beside it");
    terms[0].matrix = some_inputs(matrix, 0, given);
    if (matrix.rows > given) terms[1].matrix = some_inputs(matrix, given, both);
  }

  void check(const std::vector<TableTerm>& terms) const {
    const auto width = [](const TableTerm& term) { return term.matrix ? term.matrix->cols : columns(term.table); };
    if (width(terms[0]) == width(terms[1]) && terms[0].table.shape[0] == terms[1].table.shape[0]) return;
    claims_.fail(terms[1].table.name, "has the shape " + terms[1].table.shape_text() + ", which does not fit " +
                                          terms[0].table.name + " " + terms[0].table.shape_text());
  }

  TensorClaims& claims_;
  const std::string& module_;
  const FuxictrFeature& feature_;
  Tensor given_;
  std::uint64_t known_ = 0;
};

}  // namespace

FuxictrTables::FuxictrTables(Conversion& conversion, const FuxictrNames& names)
    : conversion_(conversion), names_(names) {
  if (const Document* document = conversion.checkpoint.find_document("feature_vocab.json")) {
    vocabularies_ = read_feature_vocabularies(*document);
    conversion.found("raw ids", "tokens of feature_vocab.json, others have the row of __OOV__", Certainty::companion);
  } else {
    conversion.found("raw ids", "the rows of the tables; feature_vocab.json is not there", Certainty::assumed);
  }
}

int FuxictrTables::table_of(const FuxictrFeature& feature) {
  if (const auto known = tables_.find(feature.name); known != tables_.end()) return known->second;
  const std::string module = module_of(feature);
  ignore_second_name(feature, module);
  if (!rows_.contains(module)) rows_[module] = take_rows(module, feature);
  const bool is_encoded = !feature.encoders_of_rows().empty();
  const Tensor rows = is_encoded ? encode(rows_[module], feature) : rows_[module];
  if (feature.is_pooled()) check_pooling(rows, feature);
  if (is_encoded) return tables_[feature.name] = add(rows, feature);
  if (const auto shared = tables_.find(module); shared != tables_.end()) return tables_[feature.name] = shared->second;
  return tables_[feature.name] = tables_[module] = add(rows, feature);
}

std::size_t FuxictrTables::width(const FuxictrFeature& feature) const {
  const std::string module = module_of(feature);
  const auto extent = [&](const std::string& name, std::size_t dimension) {
    const Tensor* tensor = conversion_.checkpoint.find(name);
    if (!tensor || tensor->shape.size() != 2) conversion_.claims.fail(name, "is not there, or has not two dimensions");
    return static_cast<std::size_t>(tensor->shape[dimension]);
  };
  const auto encoders = feature.encoders_of_rows();
  const auto last = std::find_if(encoders.rbegin(), encoders.rend(), [](const FuxictrEncoder& encoder) {
    return encoder.kind == FuxictrEncoder::Kind::linear;
  });
  if (last != encoders.rend()) return extent(names_.encoders + feature.name + last->module + ".weight", 0);
  if (conversion_.claims.has(module + ".proj.weight")) return extent(module + ".proj.weight", 0);
  return extent(rows_of(module) ? rows_of(module)->name : module + ".weight", 1);
}

bool FuxictrTables::has_vocabulary(const FuxictrFeature& feature) const { return vocabulary_of(feature) != nullptr; }

// use_features may have put the features into another order than the map's; state_dicts show it, those without a
// table by their encoders.
void FuxictrTables::check_order(const std::vector<FuxictrFeature>& features) const {
  if (!conversion_.checkpoint.format.starts_with("pytorch") || conversion_.checkpoint.order_lost) return;
  check_order_of(names_.embeddings, features);
  check_order_of(names_.encoders, features);
}

void FuxictrTables::check_order_of(const std::string& modules, const std::vector<FuxictrFeature>& features) const {
  std::vector<std::string> by_map, by_file;
  for (const Tensor& tensor : conversion_.checkpoint.tensors) {
    if (!tensor.name.starts_with(modules)) continue;
    const std::string name = tensor.name.substr(modules.size(), tensor.name.find('.', modules.size()) - modules.size());
    if (std::ranges::count(by_file, name) == 0) by_file.push_back(name);
  }
  const auto is_there = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::count(names, name) > 0;
  };
  for (const FuxictrFeature& feature : features) {
    if (is_there(by_file, feature.name)) by_map.push_back(feature.name);
  }
  std::erase_if(by_file, [&](const std::string& name) { return !is_there(by_map, name); });
  if (by_file == by_map) return;
  throw Error(
      conversion_.checkpoint.path,
      "has the features in another order than its feature map (use_features does that); give with "
      "--companion the log of the training, MODEL.log, or a feature_map.json whose features stand in its order");
}

// A state_dict has a shared table under the name of every feature, in the order of the features; formats that drop
// second names have it under the owner's.
std::string FuxictrTables::module_of(const FuxictrFeature& feature) const {
  const Tensor* own = rows_of(names_.embeddings + feature.name);
  if (!own) return names_.embeddings + feature.table_owner();
  for (const Tensor& tensor : conversion_.checkpoint.tensors) {
    if (!tensor.name.starts_with(names_.embeddings) || !tensor.same_elements(*own)) continue;
    return tensor.name.substr(0, tensor.name.find('.', names_.embeddings.size()));
  }
  return names_.embeddings + feature.name;
}

const Tensor* FuxictrTables::rows_of(const std::string& module) const {
  const Tensor* plain = conversion_.checkpoint.find(module + ".weight");
  return plain ? plain : conversion_.checkpoint.find(module + ".pretrain_embedding.weight");
}

const FuxictrVocabulary* FuxictrTables::vocabulary_of(const FuxictrFeature& feature) const {
  const auto own = vocabularies_.find(feature.name);
  return own == vocabularies_.end() ? nullptr : &own->second;
}

Tensor FuxictrTables::take_rows(const std::string& module, const FuxictrFeature& feature) {
  TensorClaims& claims = conversion_.claims;
  if (claims.has(module + ".pretrain_embedding.weight")) return PretrainedRows(claims, module, feature).rows();
  const Tensor& tensor = claims.take(module + ".weight");
  require_rows(claims, tensor);
  return tensor;
}

// What works on rows is folded into them.
Tensor FuxictrTables::encode(const Tensor& rows, const FuxictrFeature& feature) {
  const std::string encoder = names_.encoders + feature.name;
  Tensor encoded = rows;
  for (Layer& layer : take_encoders(conversion_, encoder, feature.encoders_of_rows(), columns(rows))) {
    encoded = computed_table(encoder, {{encoded, std::move(layer.weight), static_cast<std::uint64_t>(rows.shape[0])}},
                             std::move(layer.bias), layer.activation);
  }
  return encoded;
}

// layers/pooling.py works on all places of the padded sequence: a sum adds those of padding, and a mean leaves out
// vectors of zeros, whoever they belong to. A bag of ids has no padding and counts every id.
void FuxictrTables::check_pooling(const Tensor& rows, const FuxictrFeature& feature) const {
  const auto is_zero = [&](std::int64_t row) {
    Vector values(columns(rows));
    rows.read_rows(static_cast<std::uint64_t>(row), 1, values);
    return std::ranges::all_of(values, [](double value) { return value == 0; });
  };
  const auto fail = [&](std::int64_t row, const std::string& what) {
    conversion_.claims.fail(
        rows.name, "row " + std::to_string(row) + ", in the pooled sequence \"" + feature.name + "\", " + what);
  };
  const std::int64_t padding = feature.padding_row.value_or(0);
  if (padding < rows.shape[0] && !is_zero(padding)) {
    fail(padding,
         "is padding and not zeros, so training pooled it as often as a sequence was short, which a bag of ids "
         "cannot; train with an encoder without bias in front of the pooling");
  }
  if (feature.pooling()->pooling == format::Pooling::sum) return;
  for (std::int64_t row = 0; row < rows.shape[0]; ++row) {
    if (row == padding || !is_zero(row)) continue;
    fail(row,
         "is zeros, and the mean of MaskedAveragePooling leaves those out, which a bag of ids cannot; train with "
         "MaskedSumPooling, or with rows that are not zeros");
  }
}

int FuxictrTables::add(const Tensor& rows, const FuxictrFeature& feature) {
  const FuxictrVocabulary* vocabulary = vocabulary_of(feature);
  const int index =
      add_table(conversion_, rows, feature.name, vocabulary ? format::MissingId::row : format::MissingId::fail);
  if (!vocabulary) return index;
  use_vocabulary(conversion_, index, feature.name, vocabulary->vocabulary);
  const auto ids = conversion_.recipe.ids.find(feature.name);
  const bool row_by_recipe = ids != conversion_.recipe.ids.end() && ids->second.row;
  Table& table = conversion_.network.tables.at(static_cast<std::size_t>(index));
  if (table.missing != format::MissingId::row || row_by_recipe) return index;
  // Behind the row of __OOV__ lie tokens that only a pretrained table has.
  const auto last = static_cast<std::uint64_t>(rows.shape[0] - 1);
  table.missing_row = vocabulary->unknown_row.value_or(last);
  if (table.missing_row > last) {
    conversion_.claims.fail(rows.name, "has " + std::to_string(last + 1) + " rows, but __OOV__ of " +
                                           vocabulary->vocabulary.name + " is row " +
                                           std::to_string(table.missing_row) + ": it is of another training");
  }
  return index;
}

void FuxictrTables::ignore_second_name(const FuxictrFeature& feature, const std::string& module) {
  const std::string own = names_.embeddings + feature.name;
  if (own == module) return;
  for (const Tensor& tensor : conversion_.checkpoint.tensors) {
    if (tensor.name.starts_with(own + ".")) {
      conversion_.claims.ignore(tensor.name, "a second name of " + module + ".weight");
    }
  }
}

}  // namespace dinghy::converter
