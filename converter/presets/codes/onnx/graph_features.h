// The features of a graph: which ids look up which rows, and their names.
#pragma once

#include <map>

#include "converter/presets/codes/onnx/graph_conversion.h"
#include "converter/presets/codes/onnx/weight_form.h"

namespace dinghy::converter {

class GraphFeatures {
 public:
  explicit GraphFeatures(const GraphConversion& graph) : graph_(graph) {}

  /// The feature whose vectors these rows are; added when it is new, with `assumed` unless the recipe gives its role.
  std::uint32_t id_feature(const Expression* rows, format::Role assumed);
  /// Whether the recipe lets a feature be the candidate's.
  bool may_be_candidate(const Expression* rows) const;
  /// The feature of the candidate that the behaviours have too: `key` are their rows. One of the history alone where
  /// the candidate's rows already have another column, or `query` is nullptr.
  std::uint32_t history_feature(const Expression* query, const Expression* key);
  /// Columns of numbers: features side by side, in order.
  std::vector<std::uint32_t> dense_features(const Expression* numbers);

  /// The feature that takes the same ids, as a bias does; as many as there are features: none.
  std::uint32_t feature_of_ids(const Expression* rows) const;

  /// How the history is masked, as its first interest does it; the history is added with it. Throws Error for a second
  /// history.
  void set_history(const Expression* at, const HistoryMask& mask, std::size_t length);
  /// Behaviours count by all columns that the mask reads: throws Error when there are others.
  void check_mask() const;

 private:
  const Expression* ids_of(const Expression* rows, std::int64_t& first_id) const;
  std::string name_of(const Expression* rows) const;
  bool is_whole_input(const Expression* columns) const;
  int table_of(const Expression* rows, const std::string& feature);
  bool is_taken(const std::string& name) const;
  std::string free_name(const std::string& name, const Expression* columns) const;
  std::uint32_t add(const Expression* rows, format::Role role);
  void join_history(std::uint32_t feature, const Expression* key);
  void note_use(const Expression* columns, InputUse use) const;
  void note_mask(const HistoryMask& mask) const;

  const GraphConversion& graph_;
  std::map<const Expression*, std::uint32_t> features_;  // by rows, or columns of numbers
  std::map<std::pair<std::string, std::int64_t>, int> tables_;
  std::size_t next_dense_ = 0;  // of the names in [inputs] dense
  std::optional<HistoryMask> mask_;
  std::size_t length_ = 0;
  std::map<std::uint32_t, const Expression*> columns_;  // of the history: feature -> its ids
};

}  // namespace dinghy::converter
