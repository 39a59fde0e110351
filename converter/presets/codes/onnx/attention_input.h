// The input of a local activation unit: which of its rows are q, k, q-k and q*k.
#pragma once

#include "converter/presets/codes/onnx/graph_conversion.h"
#include "converter/presets/codes/onnx/pieces.h"

namespace dinghy::converter {

/// Query and key of an attention. A key is the rows of the history's columns; what stands for each of its numbers in
/// the query shows in the differences and products.
struct AttentionInput {
  std::vector<Piece> keys;     // rows by time, in the order in which they are pooled
  std::vector<Piece> queries;  // what they are compared with, in the same order
  std::size_t width = 0;       // of the key

  /// Where the vector `numbers`, from `begin`, stands in query (or key); throws Error at `at` when it does not.
  std::size_t query_offset(const GraphConversion& graph, const Expression* at, const Piece& piece) const;
  std::size_t key_offset(const GraphConversion& graph, const Expression* at, const Piece& piece) const;
};

/// `compared`: the vectors that the score comes from; `key`: what is pooled.
AttentionInput attention_input_of(const GraphConversion& graph, const Expression* compared, const Expression* key);

/// The first weight of an attention over `compared` as one over [q, k, q-k, q*k], whatever its order.
Matrix in_standard_order(const GraphConversion& graph, const AttentionInput& input, const Expression* compared,
                         const Matrix& weight);

}  // namespace dinghy::converter
