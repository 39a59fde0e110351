#include "converter/presets/codes/onnx/attention_input.h"

#include <algorithm>

namespace dinghy::converter {
namespace {

bool is_query(const Expression* e) { return e->time == 0; }

// One side of a difference or product.
Piece side(const Expression* e, std::size_t begin, std::size_t width) {
  return {Piece::Kind::single, e, begin, nullptr, 0, width};
}

std::optional<std::size_t> offset_in(const std::vector<Piece>& vector, const Piece& piece) {
  std::size_t at = 0;
  for (const Piece& part : vector) {
    if (part.left == piece.left && piece.left_begin >= part.left_begin &&
        piece.left_begin + piece.width <= part.left_begin + part.width) {
      return at + piece.left_begin - part.left_begin;
    }
    at += part.width;
  }
  return std::nullopt;
}

// Neighbouring pieces of one expression become one.
void append(std::vector<Piece>& pieces, const Piece& piece) {
  Piece* last = pieces.empty() ? nullptr : &pieces.back();
  if (last && last->left == piece.left && last->left_begin + last->width == piece.left_begin) {
    last->width += piece.width;
  } else {
    pieces.push_back(piece);
  }
}

struct Pair {
  std::size_t offset;  // in the key
  Piece query;
};

std::vector<Pair> pairs_of(const std::vector<Piece>& compared, const std::vector<Piece>& keys) {
  std::vector<Pair> pairs;
  for (const Piece& piece : compared) {
    if (piece.kind == Piece::Kind::single) continue;
    Piece query = side(piece.left, piece.left_begin, piece.width),
          key = side(piece.right, piece.right_begin, piece.width);
    if (!is_query(query.left)) std::swap(query, key);
    if (const std::optional<std::size_t> offset = offset_in(keys, key)) pairs.push_back({*offset, query});
  }
  std::ranges::stable_sort(pairs, {}, &Pair::offset);
  return pairs;
}

}  // namespace

std::size_t AttentionInput::query_offset(const GraphConversion& graph, const Expression* at, const Piece& piece) const {
  const std::optional<std::size_t> offset = offset_in(queries, piece);
  if (!offset) graph.fail(at, "takes a vector that is neither the query nor the key of its attention");
  return *offset;
}

std::size_t AttentionInput::key_offset(const GraphConversion& graph, const Expression* at, const Piece& piece) const {
  const std::optional<std::size_t> offset = offset_in(keys, piece);
  if (!offset) graph.fail(at, "compares behaviours with other numbers than those that are pooled");
  return *offset;
}

AttentionInput attention_input_of(const GraphConversion& graph, const Expression* compared, const Expression* key) {
  AttentionInput input;
  for (const Piece& piece : pieces_of(key)) {
    if (piece.kind != Piece::Kind::single || piece.left->kind != ExpressionKind::rows || piece.left->time == 0) {
      graph.fail(piece.left, "pools something else than rows of tables; layers on the behaviours are not read here");
    }
    append(input.keys, piece);
    input.width += piece.width;
  }
  const std::vector<Piece> pieces = pieces_of(compared);
  std::size_t covered = 0;
  for (const Pair& pair : pairs_of(pieces, input.keys)) {
    if (pair.offset + pair.query.width <= covered) continue;  // the product of what the difference has shown
    if (pair.offset != covered) break;
    append(input.queries, pair.query);
    covered += pair.query.width;
  }
  if (covered == 0) {  // neither differences nor products: query and key in the same order
    for (const Piece& piece : pieces) {
      if (!is_query(piece.left)) continue;
      append(input.queries, piece);
      covered += piece.width;
    }
  }
  if (covered != input.width) {
    graph.fail(compared, "compares " + std::to_string(covered) + " numbers of the candidate with " +
                             std::to_string(input.width) + " of the behaviours; expected are [q, k, q-k, q*k]");
  }
  return input;
}

Matrix in_standard_order(const GraphConversion& graph, const AttentionInput& input, const Expression* compared,
                         const Matrix& weight) {
  Matrix ordered{4 * input.width, weight.cols, Vector(4 * input.width * weight.cols)};
  std::size_t row = 0;
  for (const Piece& piece : pieces_of(compared)) {
    const Piece left = side(piece.left, piece.left_begin, piece.width);
    std::size_t block = 0, offset = 0;
    double sign = 1;
    if (piece.kind == Piece::Kind::single) {
      block = is_query(piece.left) ? 0 : 1;
      offset = block == 0 ? input.query_offset(graph, compared, left) : input.key_offset(graph, compared, left);
    } else {
      const Piece right = side(piece.right, piece.right_begin, piece.width);
      const bool query_first = is_query(piece.left);
      block = piece.kind == Piece::Kind::difference ? 2 : 3;
      sign = block == 2 && !query_first ? -1 : 1;
      offset = input.key_offset(graph, compared, query_first ? right : left);
      if (input.query_offset(graph, compared, query_first ? left : right) != offset) {
        graph.fail(compared, "compares one number of the candidate with several of the behaviours");
      }
    }
    for (std::size_t i = 0; i < piece.width; ++i, ++row) {
      for (std::size_t c = 0; c < weight.cols; ++c) {
        ordered.at(block * input.width + offset + i, c) += sign * weight.at(row, c);
      }
    }
  }
  return ordered;
}

}  // namespace dinghy::converter
