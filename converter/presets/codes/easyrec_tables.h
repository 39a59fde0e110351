// Tables and features of EasyRec's MultiTowerDIN: a tower and the attention have tables of their own for one feature.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "converter/presets/codes/easyrec_config.h"
#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// The numbers of one feature's vector that stand for one of its tables.
struct EasyRecSlice {
  std::uint32_t feature = 0, begin = 0, width = 0;
};

class EasyRecTables {
 public:
  /// Adds all features to the network, the rows of their tables side by side, and the columns of the history. Throws
  /// Error for a table that the checkpoint lacks, and for ids that neither configuration nor recipe explain.
  EasyRecTables(Conversion& conversion, const EasyRecConfig& config);

  /// What a tower, by its place in the configuration, takes of a feature.
  EasyRecSlice in_tower(std::size_t tower, const std::string& feature) const;
  /// What the attention and its tower take of a key.
  EasyRecSlice in_attention(const std::string& key) const;

 private:
  Tensor rows_of(const std::string& tensor);
  std::string table_name(const std::string& scope, const std::string& feature) const;
  std::string tower_table(std::size_t tower, const std::string& feature) const;
  std::string attention_table(const std::string& feature) const;
  void add_feature(const std::string& name, format::Role assumed);
  int add_ids(const Tensor& rows, const std::string& name);
  void add_history_column(const std::string& key, const std::string& sequence);
  EasyRecSlice slice(const std::string& feature, const std::string& tensor) const;

  Conversion& conversion_;
  const EasyRecConfig& config_;
  std::map<std::string, Tensor> rows_;                                               // by tensor, each taken once
  std::map<std::string, std::vector<std::pair<std::string, EasyRecSlice>>> slices_;  // feature -> tensor -> place
};

}  // namespace dinghy::converter
