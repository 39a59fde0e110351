// The embedding tables of a FuxiCTR checkpoint: shared, pretrained, projected, with their vocabularies.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "converter/presets/codes/fuxictr_features.h"
#include "converter/presets/codes/fuxictr_vocabularies.h"
#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// How a version names its modules.
struct FuxictrNames {
  std::string embeddings, encoders;  // in front of a feature's name
  std::string mlp;                   // the nn.Sequential inside an MLP
};

inline const FuxictrNames kFuxictr2 = {"embedding_layer.embedding_layers.", "embedding_layer.feature_encoders.", "mlp"};
inline const FuxictrNames kFuxictr1 = {"embedding_layer.embedding_layer.", "embedding_layer.embedding_hooks.", "dnn"};

class FuxictrTables {
 public:
  /// Reads feature_vocab.json where the checkpoint has it. Throws Error.
  FuxictrTables(Conversion& conversion, const FuxictrNames& names);

  /// The name of a feature's table, described when it is first asked for, with what its rows go through. Features that
  /// share a table without encoders of their own have one. Throws Error for tensors that do not fit, and for rows that
  /// a pooling does not take as a bag of ids does.
  std::string table_of(const FuxictrFeature& feature);
  /// What table_of() has described.
  const std::vector<TableRecipe>& tables() const { return description_.tables; }

  /// The width of the feature's vectors; throws Error where the checkpoint lacks its table.
  std::size_t width(const FuxictrFeature& feature) const;
  bool has_vocabulary(const FuxictrFeature& feature) const;
  /// Throws Error where the tensors of a state_dict stand in another order than the features.
  void check_order(const std::vector<FuxictrFeature>& features) const;

 private:
  void check_order_of(const std::string& modules, const std::vector<FuxictrFeature>& features) const;
  std::string module_of(const FuxictrFeature& feature) const;
  const Tensor* rows_of(const std::string& module) const;
  const FuxictrVocabulary* vocabulary_of(const FuxictrFeature& feature) const;
  void find_ids(const FuxictrFeature& feature, const std::string& module);
  TableRecipe describe(const std::string& module, const FuxictrFeature& feature);
  TableRecipe describe_pretrained(const std::string& module, const FuxictrFeature& feature);
  void check_pooling(const std::string& table, const FuxictrFeature& feature) const;
  void ignore_second_name(const FuxictrFeature& feature, const std::string& module);

  Conversion& conversion_;
  const FuxictrNames& names_;
  std::map<std::string, FuxictrVocabulary> vocabularies_;
  NetworkRecipe description_;                           // its tables alone
  std::map<std::string, std::string> names_of_tables_;  // by feature, and by module where it has no encoder
};

}  // namespace dinghy::converter
