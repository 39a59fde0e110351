#include "tests/fuzz/drawn_shape.h"

#include <numeric>

namespace dinghy::fuzz {
namespace {

template <class Enum>
Enum draw(const Draw& below, Enum last) {
  return static_cast<Enum>(below(static_cast<std::uint32_t>(last) + 1));
}

template <class Size>
std::vector<Size> draw_widths(const Draw& below, std::size_t least, Size widest) {
  std::vector<Size> widths(least + below(4 - static_cast<std::uint32_t>(least)));
  for (Size& width : widths) width = 1 + below(static_cast<std::uint32_t>(widest));
  return widths;
}

void draw_history(const Draw& below, tests::Shape& shape) {
  shape.pads = draw(below, format::Pads::MAX);
  shape.pad_to = 1 + below(70);
  shape.mask = draw(below, format::Mask::MAX);
  shape.keep = draw(below, format::Keep::MAX);
  shape.pad_side = draw(below, format::PadSide::MAX);
  shape.empty = draw(below, format::EmptyHistory::MAX);
  shape.max_length = below(41);
}

void draw_parts(const Draw& below, tests::Shape& shape) {
  for (bool* part :
       {&shape.query_layer, &shape.post_layer, &shape.narrow_query, &shape.two_interests, &shape.history_sums,
        &shape.products, &shape.dense_and_bag, &shape.biases, &shape.mlps, &shape.encoded, &shape.own_keys,
        &shape.mixed_fields, &shape.own_history, &shape.mixed_interests, &shape.no_bias, &shape.identity_link}) {
    *part = below(2) == 1;
  }
}

/// What does not go together.
void make_possible(tests::Shape& shape) {
  if (shape.attention_activation == format::ActivationKind::prelu_position) {
    shape.max_length = std::max(1u, shape.max_length);
    shape.pad_to = shape.max_length;
    shape.positions = shape.max_length;
    shape.score = format::Score::mlp;
  }
  if (shape.tower_activation == format::ActivationKind::prelu_position) {
    shape.tower_activation = format::ActivationKind::tanh;
  }
  if (shape.logits == 2) shape.biases = shape.identity_link = false;
  const std::uint32_t width = std::accumulate(shape.field_widths.begin(), shape.field_widths.end(), 0u);
  if (width < 3 && !shape.post_layer) shape.mlps = false;  // which take 3 numbers of an interest
  if (shape.field_widths.back() < 3 && !shape.query_layer) shape.narrow_query = false;  // 3 numbers do not fit
}

}  // namespace

tests::Shape draw_shape(const Draw& below) {
  tests::Shape shape;
  shape.field_widths = draw_widths<std::uint32_t>(below, 1, 20);
  shape.attention = draw_widths<std::size_t>(below, 0, 40);
  shape.tower = draw_widths<std::size_t>(below, 0, 40);
  shape.attention_activation = draw(below, format::ActivationKind::MAX);
  shape.tower_activation = draw(below, format::ActivationKind::MAX);
  shape.score = draw(below, format::Score::MAX);
  shape.normalizer = draw(below, format::Normalizer::MAX);
  shape.pooling = draw(below, format::Pooling::MAX);
  draw_history(below, shape);
  draw_parts(below, shape);
  shape.scale = below(2) == 1 ? 1 : 0.3;
  shape.logits = below(2) == 1 ? 2 : 1;
  shape.positive_class = shape.logits == 2 && below(2) == 1 ? 1 : 0;
  shape.seed = below(256);
  shape.content = below(2) == 1;  // the last draw, so that the corpus keeps the shapes that it has
  make_possible(shape);
  return shape;
}

}  // namespace dinghy::fuzz
