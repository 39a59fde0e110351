// What the operations of ONNX do to known numbers and to expressions.
#pragma once

#include "converter/presets/codes/onnx/node_reader.h"

namespace dinghy::converter {

/// The outputs of a node. Throws Error for an operation that is not known, and for a use of it that no DIN makes.
std::vector<GraphArray> compute(NodeReader& reader);

/// Operations that only move elements: on numbers, and on expressions. nullopt: it is none of them.
std::optional<std::vector<GraphArray>> move_numbers(NodeReader& reader);
std::optional<std::vector<GraphArray>> move_expressions(NodeReader& reader);

/// A row of several numbers of an input becomes a history: numbers that serve as ids are no vector.
ExpressionArray as_history(NodeReader& reader, const ExpressionArray& array);

/// Elementwise operations with broadcasting.
GraphArray apply_elementwise(NodeReader& reader, const ScalarOperation& operation, std::vector<GraphArray> operands);
/// MatMul, Gemm, Conv, BatchNormalization, Softmax, sums and means. nullopt: it is none of them.
std::optional<GraphArray> compute_layer(NodeReader& reader);

}  // namespace dinghy::converter
