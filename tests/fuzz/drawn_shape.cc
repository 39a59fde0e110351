#include "tests/fuzz/drawn_shape.h"

#include <numeric>

namespace dinghy::fuzz {
namespace {

template <class Enum>
Enum draw(FuzzedDataProvider& data, Enum last) {
  return static_cast<Enum>(data.ConsumeIntegralInRange<unsigned>(0, static_cast<unsigned>(last)));
}

template <class Size>
std::vector<Size> draw_widths(FuzzedDataProvider& data, std::size_t least, Size widest) {
  std::vector<Size> widths(data.ConsumeIntegralInRange<std::size_t>(least, 3));
  for (Size& width : widths) width = data.ConsumeIntegralInRange<Size>(1, widest);
  return widths;
}

void draw_history(FuzzedDataProvider& data, tests::Shape& shape) {
  shape.pads = draw(data, format::Pads::MAX);
  shape.pad_to = data.ConsumeIntegralInRange<std::uint32_t>(1, 70);
  shape.mask = draw(data, format::Mask::MAX);
  shape.keep = draw(data, format::Keep::MAX);
  shape.pad_side = draw(data, format::PadSide::MAX);
  shape.empty = draw(data, format::EmptyHistory::MAX);
  shape.max_length = data.ConsumeIntegralInRange<std::uint32_t>(0, 40);
}

void draw_parts(FuzzedDataProvider& data, tests::Shape& shape) {
  for (bool* part :
       {&shape.query_layer, &shape.post_layer, &shape.narrow_query, &shape.two_interests, &shape.history_sums,
        &shape.products, &shape.dense_and_bag, &shape.biases, &shape.mlps, &shape.encoded}) {
    *part = data.ConsumeBool();
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
  if (shape.logits == 2) shape.biases = false;
  const std::uint32_t width = std::accumulate(shape.field_widths.begin(), shape.field_widths.end(), 0u);
  if (width < 3 && !shape.post_layer) shape.mlps = false;  // which take 3 numbers of an interest
  if (shape.field_widths.back() < 3 && !shape.query_layer) shape.narrow_query = false;  // 3 numbers do not fit
}

}  // namespace

tests::Shape draw_shape(FuzzedDataProvider& data) {
  tests::Shape shape;
  shape.field_widths = draw_widths<std::uint32_t>(data, 1, 20);
  shape.attention = draw_widths<std::size_t>(data, 0, 40);
  shape.tower = draw_widths<std::size_t>(data, 0, 40);
  shape.attention_activation = draw(data, format::ActivationKind::MAX);
  shape.tower_activation = draw(data, format::ActivationKind::MAX);
  shape.score = draw(data, format::Score::MAX);
  shape.normalizer = draw(data, format::Normalizer::MAX);
  shape.pooling = draw(data, format::Pooling::MAX);
  draw_history(data, shape);
  draw_parts(data, shape);
  shape.scale = data.ConsumeBool() ? 1 : 0.3;
  shape.logits = data.ConsumeBool() ? 2 : 1;
  shape.positive_class = shape.logits == 2 && data.ConsumeBool() ? 1 : 0;
  shape.seed = data.ConsumeIntegral<std::uint8_t>();
  make_possible(shape);
  return shape;
}

}  // namespace dinghy::fuzz
