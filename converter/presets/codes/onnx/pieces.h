// A vector cut into the pieces that were put side by side.
#pragma once

#include <vector>

#include "converter/presets/codes/onnx/expression.h"

namespace dinghy::converter {

/// `width` numbers of one expression, or of the difference or product of two.
struct Piece {
  enum class Kind { single, difference, product };
  Kind kind = Kind::single;
  const Expression* left = nullptr;
  std::size_t left_begin = 0;
  const Expression* right = nullptr;
  std::size_t right_begin = 0;
  std::size_t width = 0;
};

/// The pieces in order; products and differences of concatenations are cut where either is. What is none of these is a
/// single piece.
std::vector<Piece> pieces_of(const Expression* vector);

}  // namespace dinghy::converter
