// Small graphs in memory: a DIN as an exporter writes it, with the variations that exporters and codes make.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "converter/graph.h"
#include "converter/presets/conversion.h"

namespace dinghy::converter {

class GraphBuilder {
 public:
  /// Adds a node and returns the name of its result, which is also the node's.
  std::string node(const std::string& op, const std::vector<std::string>& inputs,
                   const std::vector<GraphAttribute>& attributes = {});
  std::string tensor(const std::string& name, std::vector<std::int64_t> shape, const std::vector<float>& numbers);
  /// A constant of int64 numbers in one dimension.
  std::string integers(const std::vector<float>& numbers);
  std::string number(float value);
  void input(const std::string& name, bool integer, std::vector<std::int64_t> shape, bool truth = false);

  Checkpoint checkpoint(const std::string& output) const;

 private:
  std::string new_name(const std::string& op) const;

  Graph graph_;
  std::vector<Tensor> tensors_;
};

GraphAttribute int_attribute(const std::string& name, std::vector<std::int64_t> numbers);
GraphAttribute float_attribute(const std::string& name, double number);

/// How a graph of the DIN below is written; each step takes and gives the name of a value.
struct GraphForm {
  using Step = std::function<std::string(GraphBuilder&, std::vector<std::string>)>;

  bool gemm = false;  // tower layers as Gemm with a transposed weight, else MatMul and Add
  std::vector<std::string> parts = {"q", "k", "q-k", "q*k"};
  Step interest;              // of [query, keys, ids of the history]; none: the attention that the next three describe
  Step attention_activation;  // of [x]; none: sigmoid
  Step weights;               // of [score, ids of the history]; none: score * (ids != 0)
  Step tower_norm;            // of [x] behind the first tower layer; none: nothing
  Step output;                // of [logit]; none: sigmoid
};

constexpr std::size_t kGraphWidth = 2, kGraphHidden = 2, kGraphHistory = 3;

/// A DIN of inputs item [batch] and hist_item [batch, 3]: table [4, 2], attention 8 -> 2 -> 1, the tower takes
/// [item, interest] 4 -> 4 -> 1 with relu. Weights count up, so that no two are alike.
Checkpoint graph_of_din(const GraphForm& form = {});

/// The form whose attention weights are made by this step.
GraphForm with_weights(GraphForm::Step weights);
/// ids == 0 as a mask of padding.
std::string padding(GraphBuilder& graph, const std::string& ids);
/// Over the last dimension.
std::string softmax(GraphBuilder& graph, const std::string& logits);

/// What the preset makes of a graph, with what it says of it.
Conversion converted(const Checkpoint& checkpoint, const Recipe& recipe);
Network built(const Checkpoint& checkpoint, const std::string& recipe_text = "");
/// Fails the test where there is none.
std::string error_of(const Checkpoint& checkpoint, const std::string& recipe_text = "");

}  // namespace dinghy::converter
