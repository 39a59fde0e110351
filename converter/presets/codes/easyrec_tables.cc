#include "converter/presets/codes/easyrec_tables.h"

#include <algorithm>

#include "converter/block_matrix.h"
#include "converter/error.h"
#include "converter/presets/features.h"
#include "converter/presets/ids.h"
#include "converter/presets/inputs.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

const std::string kWeights = "/embedding_weights";

// "input_layer/" of the first group, "input_layer_1/" of the second: variable_scope counts them in the order of the
// towers (compat/feature_column/feature_column.py:640).
std::string input_layer(std::size_t tower) {
  return tower == 0 ? "input_layer/" : "input_layer_" + std::to_string(tower) + "/";
}

std::vector<std::pair<std::string, std::uint64_t>> rows_of_words(const std::vector<std::string>& words) {
  std::vector<std::pair<std::string, std::uint64_t>> rows;
  for (const std::string& word : words) rows.emplace_back(word, rows.size());
  return rows;
}

}  // namespace

EasyRecTables::EasyRecTables(Conversion& conversion, const EasyRecConfig& config)
    : conversion_(conversion), config_(config) {
  const auto is_key = [&](const std::string& name) {
    return std::ranges::find(config.din.fields, name, &std::pair<std::string, std::string>::first) !=
           config.din.fields.end();
  };
  for (std::size_t i = 0; i < config.towers.size(); ++i) {
    for (const std::string& name : config.towers[i].features) {
      // A tower with one of the candidate's keys is the candidate's.
      const bool candidate = std::ranges::any_of(config.towers[i].features, is_key);
      if (!slices_.contains(name)) add_feature(name, candidate ? format::Role::candidate : format::Role::user);
    }
  }
  for (const auto& [key, sequence] : config.din.fields) {
    if (!slices_.contains(key)) add_feature(key, format::Role::candidate);
  }
  for (const auto& [key, sequence] : config.din.fields) add_history_column(key, sequence);
}

Tensor EasyRecTables::rows_of(const std::string& tensor) {
  const auto known = rows_.find(tensor);
  if (known != rows_.end()) return known->second;
  const Tensor& rows = conversion_.claims.take(tensor);
  if (rows.shape.size() != 2)
    conversion_.claims.fail(tensor, "has the shape " + rows.shape_text() + "; it is no table");
  return rows_[tensor] = rows;
}

// A table that several features share lies in the scope of whatever took it first.
std::string EasyRecTables::table_name(const std::string& scope, const std::string& feature) const {
  const std::string& shared = config_.feature(feature).embedding;
  std::vector<std::string> own, others;
  for (const Tensor& tensor : conversion_.checkpoint.tensors) {
    if (tensor.name.ends_with("/" + feature + "_embedding" + kWeights)) {
      if (("/" + tensor.name).find("/" + scope) != std::string::npos) own.push_back(tensor.name);
    } else if (!shared.empty() && tensor.name.ends_with("/" + shared + kWeights)) {
      others.push_back(tensor.name);
    }
  }
  if (own.size() == 1) return own[0];
  if (own.empty() && others.size() == 1) return others[0];
  return scope + feature + "_embedding" + kWeights;  // whose absence the one who takes it reports
}

std::string EasyRecTables::tower_table(std::size_t tower, const std::string& feature) const {
  return table_name(input_layer(tower), feature);
}

std::string EasyRecTables::attention_table(const std::string& feature) const {
  return table_name(config_.din.group + "/", feature);
}

int EasyRecTables::add_ids(const Tensor& rows, const std::string& name) {
  const EasyRecConfig::Feature& feature = config_.feature(name);
  const bool told = conversion_.recipe.ids.contains(name);
  if (!feature.vocabulary_file.empty() && !told) {
    throw Error(config_.source, "the words of " + in_quotes(name) + " stand in " + in_quotes(feature.vocabulary_file) +
                                    "; give them as [ids." + name + "] vocabulary in a recipe");
  }
  // feature_column.py:283,316: default_value=0 for an id that is none of the buckets and no word of the list.
  const bool hashed = feature.hash_buckets > 0;
  const int index = add_table(conversion_, rows, name, hashed ? format::MissingId::fail : format::MissingId::row);
  if (told) return index;
  if (hashed) {
    if (feature.hash_buckets != static_cast<std::uint64_t>(rows.shape[0])) {
      throw Error(config_.source, in_quotes(name) + " has a hash_bucket_size of " +
                                      std::to_string(feature.hash_buckets) + ", its table " +
                                      std::to_string(rows.shape[0]) + " rows");
    }
    Table& table = conversion_.network.tables.at(static_cast<std::size_t>(index));
    table.hash = format::IdHash::farmhash64_decimal;
    table.hash_buckets = feature.hash_buckets;
    conversion_.found("ids of " + name, "numbers, hashed as their decimal text", Certainty::companion);
  } else if (!feature.words.empty()) {
    use_vocabulary(conversion_, index, name, vocabulary_of(name, rows_of_words(feature.words)));
  }
  return index;
}

void EasyRecTables::add_feature(const std::string& name, format::Role assumed) {
  const EasyRecConfig::Feature& feature = config_.feature(name);
  const format::Role role = role_of(conversion_, name, assumed);
  auto& slices = slices_[name];
  if (feature.kind == EasyRecConfig::Kind::sequence)
    throw Error(config_.source,
                in_quotes(name) + " is a sequence among the features of a tower, which is not converted");
  if (feature.kind == EasyRecConfig::Kind::raw) {
    slices.push_back({"", {add_dense_feature(conversion_, name, role, feature.width), 0, feature.width}});
    return;
  }
  std::vector<Block> blocks;
  std::uint32_t width = 0;
  const auto add = [&](const std::string& tensor) {
    if (std::ranges::find(slices, tensor, &std::pair<std::string, EasyRecSlice>::first) != slices.end()) return;
    blocks.push_back({0, width, rows_of(tensor)});
    const auto own = static_cast<std::uint32_t>(blocks.back().tensor.shape[1]);
    slices.push_back({tensor, {0, width, own}});
    width += own;
  };
  for (std::size_t i = 0; i < config_.towers.size(); ++i) {
    if (std::ranges::find(config_.towers[i].features, name) != config_.towers[i].features.end())
      add(tower_table(i, name));
  }
  for (const auto& [key, sequence] : config_.din.fields) {
    if (key == name) add(attention_table(name));
  }
  const Tensor rows = blocks.size() == 1
                          ? blocks[0].tensor
                          : block_matrix(name, blocks, conversion_.checkpoint.path + ": the tables of " + name);
  const std::uint32_t index = add_id_feature(conversion_, name, role, add_ids(rows, name));
  for (auto& [tensor, place] : slices) place.feature = index;
}

void EasyRecTables::add_history_column(const std::string& key, const std::string& sequence) {
  if (config_.feature(sequence).kind != EasyRecConfig::Kind::sequence)
    throw Error(config_.source, "hist_seq: " + in_quotes(sequence) + " is no SequenceFeature");
  const Tensor rows = rows_of(attention_table(sequence));
  const std::uint32_t width = in_attention(key).width;
  if (static_cast<std::uint64_t>(rows.shape[1]) != width) {
    throw Error(config_.source, "the key " + in_quotes(key) + " has " + std::to_string(width) +
                                    " numbers, its hist_seq " + in_quotes(sequence) + " " +
                                    std::to_string(rows.shape[1]));
  }
  const int table = add_ids(rows, sequence);
  const std::uint32_t index = add_id_feature(conversion_, sequence, format::Role::history, table);
  put_in_history(conversion_, index, table);
  set_pad_row(conversion_, index, -1);  // a lookup of a sparse tensor gives zeros where a history has ended
}

EasyRecSlice EasyRecTables::slice(const std::string& feature, const std::string& tensor) const {
  for (const auto& [name, place] : slices_.at(feature)) {
    if (name == tensor || name.empty()) return place;
  }
  throw Error(conversion_.checkpoint.path, "has no table " + in_quotes(tensor));
}

EasyRecSlice EasyRecTables::in_tower(std::size_t tower, const std::string& feature) const {
  return slice(feature, tower_table(tower, feature));
}

EasyRecSlice EasyRecTables::in_attention(const std::string& key) const { return slice(key, attention_table(key)); }

}  // namespace dinghy::converter
