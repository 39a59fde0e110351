// Sums over a history of a graph: interests, with their local activation unit, and plain sums.
#pragma once

#include "converter/presets/codes/onnx/attention_input.h"
#include "converter/presets/codes/onnx/graph_features.h"

namespace dinghy::converter {

class GraphInterests {
 public:
  /// Reads all sums that `score` comes from and adds their features. Throws Error at the node of one that is not
  /// understood.
  GraphInterests(const GraphConversion& graph, GraphFeatures& features, const Expression* score);

  /// Numbers [begin, begin + width) of a sum as inputs of the tower.
  std::vector<Operand> operands_of(const Expression* time_sum, std::size_t begin, std::size_t width);
  /// The same of a sum that is divided by the number of behaviours; none where `quotient` is no such mean.
  std::vector<Operand> mean_operands_of(const Expression* quotient, std::size_t begin, std::size_t width);
  /// Layers behind a sum's weights; nullopt when it is a plain sum.
  std::optional<Operand> with_post_layers(const Expression* time_sum, const std::vector<Layer>& layers);

 private:
  struct Sum {
    std::optional<Interest> interest;  // nullopt: a plain sum of these columns
    HistoryMask mask;
    std::vector<std::uint32_t> columns;
    format::Source source = format::Source::history_sum;
    std::uint32_t pad_to = 0;
    std::optional<std::uint32_t> index;  // in the network, once it is there
  };

  void read(const Expression* time_sum, bool scored);
  const Expression* query_of(const Expression* key) const;
  void read_plain_sum(const Expression* time_sum, const WeightForm& form, Sum& sum);
  void read_score(const Expression* time_sum, const Expression* key, const WeightForm& form, Interest& interest);
  void add_fields(const Expression* at, const AttentionInput& input, const HistoryMask& mask, Interest& interest);
  std::uint32_t add(Interest interest);
  void report(const WeightForm& form, Interest& interest);

  const GraphConversion& graph_;
  GraphFeatures& features_;
  std::vector<const Expression*> rows_;  // that are looked up once, not by behaviours
  std::map<const Expression*, Sum> sums_;
};

}  // namespace dinghy::converter
