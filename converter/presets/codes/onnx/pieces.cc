#include "converter/presets/codes/onnx/pieces.h"

#include <algorithm>

namespace dinghy::converter {
namespace {

Piece front_of(const Piece& piece, std::size_t from, std::size_t width) {
  Piece part = piece;
  part.left_begin += from;
  part.right_begin += from;
  part.width = width;
  return part;
}

std::vector<Piece> cut(const std::vector<Piece>& pieces, std::size_t begin, std::size_t width) {
  std::vector<Piece> result;
  std::size_t at = 0;
  for (const Piece& piece : pieces) {
    const std::size_t first = std::max(begin, at), last = std::min(begin + width, at + piece.width);
    if (first < last) result.push_back(front_of(piece, first - at, last - first));
    at += piece.width;
  }
  return result;
}

// Pieces of two vectors of one width, pair by pair; none when one of them is no single expression itself.
std::vector<Piece> paired(const std::vector<Piece>& left, const std::vector<Piece>& right, Piece::Kind kind) {
  std::vector<Piece> result;
  std::size_t l = 0, r = 0, l_at = 0, r_at = 0;
  while (l < left.size() && r < right.size()) {
    if (left[l].kind != Piece::Kind::single || right[r].kind != Piece::Kind::single) return {};
    const std::size_t width = std::min(left[l].width - l_at, right[r].width - r_at);
    result.push_back({kind, left[l].left, left[l].left_begin + l_at, right[r].left, right[r].left_begin + r_at, width});
    l_at += width;
    r_at += width;
    if (l_at == left[l].width) ++l, l_at = 0;
    if (r_at == right[r].width) ++r, r_at = 0;
  }
  return result;
}

}  // namespace

std::vector<Piece> pieces_of(const Expression* vector) {
  std::vector<Piece> result;
  if (vector->kind == ExpressionKind::concat) {
    for (const Expression* arg : vector->args) {
      const std::vector<Piece> pieces = pieces_of(arg);
      result.insert(result.end(), pieces.begin(), pieces.end());
    }
    return result;
  }
  if (vector->kind == ExpressionKind::slice) return cut(pieces_of(vector->args[0]), vector->begin, vector->width);
  if (vector->kind == ExpressionKind::elementwise && vector->args.size() == 2) {
    const std::string operation = vector->operation->name;
    const Expression *left = vector->args[0], *right = vector->args[1];
    const bool vectors = left->width == right->width && left->kind != ExpressionKind::constant &&
                         right->kind != ExpressionKind::constant;
    if (vectors && (operation == "Mul" || operation == "Sub")) {
      const Piece::Kind kind = operation == "Mul" ? Piece::Kind::product : Piece::Kind::difference;
      result = paired(pieces_of(left), pieces_of(right), kind);
    }
  }
  if (result.empty()) result.push_back({Piece::Kind::single, vector, 0, nullptr, 0, vector->width});
  return result;
}

}  // namespace dinghy::converter
