#include "engine/network/bind_layers.h"

#include <algorithm>

#include "engine/format/verify.h"

namespace dinghy::network {
namespace {

const float* numbers(const format::File& file, const format::Tensor* tensor) noexcept {
  return tensor == nullptr ? nullptr
                           : reinterpret_cast<const float*>(file.segment(tensor->segment()).data() + tensor->offset());
}

kernels::ActivationKind kind_of(format::ActivationKind kind) noexcept {
  switch (kind) {
    case format::ActivationKind::relu:
      return kernels::ActivationKind::relu;
    case format::ActivationKind::leaky_relu:
      return kernels::ActivationKind::leaky_relu;
    case format::ActivationKind::prelu:
    case format::ActivationKind::prelu_position:  // of position 0
      return kernels::ActivationKind::prelu;
    case format::ActivationKind::sigmoid:
      return kernels::ActivationKind::sigmoid;
    case format::ActivationKind::tanh:
      return kernels::ActivationKind::tanh;
    case format::ActivationKind::gate:
      return kernels::ActivationKind::gate;
    case format::ActivationKind::row_gate:
      return kernels::ActivationKind::row_gate;
    case format::ActivationKind::identity:
      break;
  }
  return kernels::ActivationKind::identity;
}

Activation bind_activation(const format::File& file, const format::Activation* a) noexcept {
  if (a == nullptr) return {};
  return {kind_of(a->kind()),       a->slope(), a->epsilon(), numbers(file, a->scale()), numbers(file, a->shift()),
          numbers(file, a->alpha())};
}

/// The widest layer of a chain, the numbers that its Output takes, and those that its fold takes.
struct Need {
  std::size_t widest = 16;
  std::size_t floats = 0;

  void add_chain(const format::Layers* layers) noexcept {
    for (std::uint32_t i = 0; i < format::count(layers); ++i) {
      widest = std::max<std::size_t>(widest, layers->Get(i)->weight()->stride());
    }
  }
  void add_output(const format::Layers& layers) noexcept {
    floats += padded(std::max<std::size_t>(2, layers.Get(layers.size() - 1)->weight()->rows()));
  }
  void add_fold(const format::Layers& layers) noexcept {
    const format::Tensor& weight = *layers.Get(0)->weight();
    floats += 2 * padded(std::size_t{weight.rows() / 4} * weight.stride());
  }
};

}  // namespace

Status OwnedFloats::allocate(const format::Model& file, Arena& arena) noexcept {
  Need need;
  for (std::uint32_t i = 0; i < format::count(file.interests()); ++i) {
    const format::Interest& interest = *file.interests()->Get(i);
    need.add_chain(interest.query_layers());
    need.add_chain(interest.layers());
    need.add_chain(interest.post_layers());
    if (interest.score() == format::Score::dot) continue;
    need.add_fold(*interest.layers());
    need.add_output(*interest.layers());
  }
  for (const format::Feature* feature : *file.features()) {
    if (feature->projection() != nullptr) {
      need.widest = std::max<std::size_t>(need.widest, feature->projection()->weight()->stride());
    }
  }
  for (std::uint32_t i = 0; i < format::count(file.mlps()); ++i) need.add_chain(file.mlps()->Get(i)->layers());
  need.add_chain(file.tower()->layers());
  need.add_output(*file.tower()->layers());
  const Slot<float> zeros = arena.reserve<float>(need.widest);
  const Slot<float> floats = arena.reserve<float>(need.floats);
  if (!arena.allocate()) return Status::error(Code::out_of_memory, "no memory for the folded weights");
  zeros_ = arena.at(zeros);
  next_ = arena.at(floats);
  return Status();
}

Layer bind_layer(const format::File& file, const format::Layer& layer, const OwnedFloats& owned) noexcept {
  const format::Tensor& weight = *layer.weight();
  const float* const bias = numbers(file, layer.bias());
  return {numbers(file, &weight), bias == nullptr ? owned.zeros() : bias,   weight.rows(), weight.cols(),
          weight.stride(),        bind_activation(file, layer.activation())};
}

bool bind_layers(const format::File& file, const format::Layers* layers, const OwnedFloats& owned,
                 Array<Layer>& bound) noexcept {
  if (!bound.allocate(format::count(layers))) return false;
  for (std::size_t i = 0; i < bound.size(); ++i) {
    bound[i] = bind_layer(file, *layers->Get(static_cast<flatbuffers::uoffset_t>(i)), owned);
  }
  return true;
}

bool split_output(const Array<Layer>& layers, std::uint8_t positive_class, OwnedFloats& owned, Array<Layer>& hidden,
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
  float* const weight = owned.take(output.in);
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

}  // namespace dinghy::network
