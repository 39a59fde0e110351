#include "engine/network/derive.h"

#include <algorithm>

#include "engine/left_out.h"
#include "engine/network/integer_layers.h"
#include "engine/network/read.h"

namespace dinghy::network {
namespace {

/// Calls use(layer) for each layer of the model.
template <class Use>
void for_each_layer(Model& model, Use use) noexcept {
  const auto all = [&](Array<Layer>& layers) {
    for (Layer& layer : layers) use(layer);
  };
  for (Feature& feature : model.features) {
    if (feature.projected) use(feature.projection);
  }
  for (Interest& interest : model.interests) {
    all(interest.query_layers);
    all(interest.layers);
    all(interest.post_layers);
  }
  for (Mlp& mlp : model.mlps) all(mlp.layers);
  all(model.tower.layers);
}

/// Floats of an Output's weight.
std::size_t output_floats(const Array<Layer>& layers) noexcept {
  return padded(std::max<std::size_t>(2, layers[layers.size() - 1].in));
}

/// Floats of one of the two folded matrices.
std::size_t fold_floats(const Interest& interest) noexcept { return interest.width * interest.layers[0].stride; }

/// Whether a unit's weights are needed for integers too.
bool has_integers(const Model& model, const Interest& interest) noexcept {
  return kHasIntegers && model.compute != format::Compute::f32 && interest.score == format::Score::mlp;
}

/// The floats that are computed: their sum is known before, then they are taken one after another.
class Floats {
 public:
  bool allocate(Model& model) noexcept {
    std::size_t widest = 0, floats = output_floats(model.tower.layers);
    for_each_layer(model, [&](const Layer& layer) {
      if (layer.bias == nullptr) widest = std::max<std::size_t>(widest, layer.stride);
    });
    for (const Interest& interest : model.interests) {
      if (interest.score == format::Score::mlp) floats += 2 * fold_floats(interest) + output_floats(interest.layers);
      if (has_integers(model, interest)) floats += integer_floats(model, interest);
    }
    const Slot<float> zeros = model.owned.reserve<float>(widest);
    const Slot<float> rest = model.owned.reserve<float>(floats);
    if (!model.owned.allocate()) return false;
    zeros_ = model.owned.at(zeros);
    next_ = model.owned.at(rest);
    return true;
  }
  /// The next `count` zeros, on a cache line.
  float* take(std::size_t count) noexcept {
    float* const taken = next_;
    next_ += padded(count);
    return taken;
  }
  const float* zeros() const noexcept { return zeros_; }

 private:
  const float* zeros_ = nullptr;  // as many as the widest layer without a bias has
  float* next_ = nullptr;
};

/// docs/design.md, "The folded first layer"; in double.
void fold(Interest& interest, Floats& floats) noexcept {
  const std::size_t block = fold_floats(interest);
  const float* const a = interest.layers[0].weight;
  const float* const b = a + block;
  const float* const c = b + block;
  float* const query = floats.take(block);
  float* const keys = floats.take(block);
  for (std::size_t i = 0; i < block; ++i) {
    query[i] = static_cast<float>(static_cast<double>(a[i]) + static_cast<double>(c[i]));
    keys[i] = static_cast<float>(static_cast<double>(b[i]) - static_cast<double>(c[i]));
  }
  interest.query_weight = query;
  interest.keys_weight = keys;
  interest.product_weight = c + block;
}

/// Splits a chain that ends in one logit (or two) into hidden layers and an Output. A chain of one layer keeps its
/// product as a hidden layer without activation, so that there is always a first layer to fold or to split.
/// Of two logits the Output gives the difference, `positive_class` first: softmax of two is the sigmoid of that.
bool split_output(const Array<Layer>& layers, std::uint8_t positive_class, Floats& floats, Array<Layer>& hidden,
                  Output& output) noexcept {
  const Layer& last = layers[layers.size() - 1];
  const bool alone = layers.size() == 1;
  if (!hidden.allocate(alone ? 1 : layers.size() - 1)) return false;
  std::copy_n(layers.begin(), hidden.size(), hidden.begin());
  if (alone) hidden[0].activation = {};

  const bool two = last.out == 2;
  const std::size_t positive = two ? positive_class : 0;
  const auto difference = [&](const float* row) { return two ? row[positive] - row[1 - positive] : row[0]; };
  output.in = alone ? last.out : last.in;
  output.activation = last.activation;
  float* const weight = floats.take(output.in);
  if (alone) {
    weight[positive] = 1;
    if (two) weight[1 - positive] = -1;
  } else {
    for (std::size_t i = 0; i < last.in; ++i) weight[i] = difference(last.weight + i * last.stride);
    output.bias = difference(last.bias);
  }
  output.weight = weight;
  return true;
}

bool derive_interest(Model& model, Interest& interest, Floats& floats) noexcept {
  if (interest.score == format::Score::dot) return true;
  fold(interest, floats);
  if (!split_output(interest.layers, 0, floats, interest.hidden, interest.output)) return false;
  if (!has_integers(model, interest)) return true;
  return make_integer_layers(model, floats.take(integer_floats(model, interest)), interest);
}

}  // namespace

Status derive(Model& model) noexcept {
  Floats floats;
  if (!floats.allocate(model)) return Status::error(Code::out_of_memory, "no memory for the folded weights");
  for_each_layer(model, [&](Layer& layer) {
    if (layer.bias == nullptr) layer.bias = floats.zeros();
  });
  for (Interest& interest : model.interests) {
    if (!derive_interest(model, interest, floats)) return no_memory();
  }
  Tower& tower = model.tower;
  return split_output(tower.layers, model.head.positive_class, floats, tower.hidden, tower.output) ? Status()
                                                                                                   : no_memory();
}

}  // namespace dinghy::network
