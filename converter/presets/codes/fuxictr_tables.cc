#include "converter/presets/codes/fuxictr_tables.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/presets/described_tables.h"

namespace dinghy::converter {

FuxictrTables::FuxictrTables(Conversion& conversion, const FuxictrNames& names)
    : conversion_(conversion), names_(names) {
  if (const Document* document = conversion.checkpoint.find_document("feature_vocab.json")) {
    vocabularies_ = read_feature_vocabularies(*document);
    conversion.found("raw ids", "tokens of feature_vocab.json, others have the row of __OOV__", Certainty::companion);
  } else {
    conversion.found("raw ids", "the rows of the tables; feature_vocab.json is not there", Certainty::assumed);
  }
}

std::string FuxictrTables::table_of(const FuxictrFeature& feature) {
  if (const auto known = names_of_tables_.find(feature.name); known != names_of_tables_.end()) return known->second;
  const std::string module = module_of(feature);
  ignore_second_name(feature, module);
  const bool is_encoded = !feature.encoders_of_rows().empty();
  const auto shared = names_of_tables_.find(module);
  if (!is_encoded && shared != names_of_tables_.end()) {
    if (feature.is_pooled()) check_pooling(shared->second, feature);
    return names_of_tables_[feature.name] = shared->second;
  }
  description_.tables.push_back(describe(module, feature));
  find_ids(feature, module);
  if (feature.is_pooled()) check_pooling(feature.name, feature);
  if (!is_encoded) names_of_tables_[module] = feature.name;
  return names_of_tables_[feature.name] = feature.name;
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

TableRecipe FuxictrTables::describe(const std::string& module, const FuxictrFeature& feature) {
  const bool pretrained = conversion_.claims.has(module + ".pretrain_embedding.weight");
  TableRecipe table = pretrained ? describe_pretrained(module, feature) : TableRecipe{.tensor = module + ".weight"};
  table.name = feature.name;
  for (LayerRecipe& layer : encoder_layers(conversion_, names_.encoders + feature.name, feature.encoders_of_rows())) {
    table.layers.push_back(std::move(layer));
  }
  return table;
}

// PretrainedEmbedding (layers/embeddings/pretrained_embedding.py:164-187): the rows of the package, those that were
// trained, or both, added or side by side in front of a projection. What lies behind the row of unknown ids is masked.
TableRecipe FuxictrTables::describe_pretrained(const std::string& module, const FuxictrFeature& feature) {
  const TensorClaims& claims = conversion_.claims;
  const std::string trained = module + ".id_embedding.weight", projection = module + ".proj.weight";
  const std::int64_t masked_from = feature.unknown_row ? *feature.unknown_row + 1 : 0;
  TableRecipe given{.name = feature.name + " given", .tensor = module + ".pretrain_embedding.weight"};
  if (!feature.frozen) given.zeros_from = masked_from;
  const bool is_init = feature.usage.empty() || feature.usage == "init";
  const bool has_projection = feature.usage == "concat" || claims.has(projection);
  if (is_init && !claims.has(trained)) {
    if (has_projection) given.layers = {{.weight = projection}};
    return given;
  }
  description_.tables.push_back({.name = feature.name + " trained", .tensor = trained, .zeros_from = masked_from});
  const std::vector<std::string> both = {given.name, description_.tables.back().name};
  const auto extent = [&](const std::string& name) {
    const Tensor* tensor = conversion_.checkpoint.find(name);
    return tensor && tensor->shape.size() == 2 ? tensor->shape[1] : 0;
  };
  TableRecipe table;
  if (has_projection && extent(projection) != extent(given.tensor)) {
    table.beside = both;
    table.layers = {{.weight = projection}};
  } else {
    table.sum = both;
    if (has_projection) given.layers = {{.weight = projection}};
  }
  description_.tables.insert(description_.tables.end() - 1, std::move(given));
  return table;
}

// layers/pooling.py works on all places of the padded sequence: a sum adds those of padding, and a mean leaves out
// vectors of zeros, whoever they belong to. A bag of ids has no padding and counts every id.
void FuxictrTables::check_pooling(const std::string& table, const FuxictrFeature& feature) const {
  TensorClaims claims(conversion_.checkpoint);  // only to look
  DescribedTables described(claims, description_);
  const Tensor& rows = described.rows(table);
  const auto is_zero = [&](std::int64_t row) {
    Vector values(static_cast<std::size_t>(rows.shape[1]));
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

// Behind the row of __OOV__ lie tokens that only a pretrained table has.
void FuxictrTables::find_ids(const FuxictrFeature& feature, const std::string& module) {
  const FuxictrVocabulary* vocabulary = vocabulary_of(feature);
  const Tensor* rows = rows_of(module);
  if (!vocabulary || !rows || rows->shape.empty() || rows->shape[0] < 1) return;
  const auto last = static_cast<std::uint64_t>(rows->shape[0] - 1);
  const std::uint64_t unknown = vocabulary->unknown_row.value_or(last);
  if (unknown > last) {
    conversion_.claims.fail(rows->name, "has " + std::to_string(last + 1) + " rows, but __OOV__ of " +
                                            vocabulary->vocabulary.name + " is row " + std::to_string(unknown) +
                                            ": it is of another training");
  }
  conversion_.found_ids[feature.name] = {vocabulary->vocabulary, unknown};
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
