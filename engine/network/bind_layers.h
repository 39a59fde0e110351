// Layers of the file as the kernels take them, and the memory for what binding computes.
#pragma once

#include "engine/format/verify.h"
#include "engine/network/network.h"

namespace dinghy::network {

/// The floats that binding computes (Model::owned): their sum is known before, then they are taken one after another.
class OwnedFloats {
 public:
  /// Reserves what bind_layers, fold and make_output take for this model. Errors: out_of_memory.
  Status allocate(const format::Model& file, Arena& arena) noexcept;
  /// The next `count` zero floats, on a cache line.
  float* take(std::size_t count) noexcept {
    float* const taken = next_;
    next_ += padded(count);
    return taken;
  }
  /// Zeros for a layer without a bias, as many as the widest layer has outputs.
  const float* zeros() const noexcept { return zeros_; }

 private:
  const float* zeros_ = nullptr;
  float* next_ = nullptr;
};

Layer bind_layer(const format::File& file, const format::Layer& layer, const OwnedFloats& owned) noexcept;

/// False when there is no memory. An absent vector gives an empty array.
bool bind_layers(const format::File& file, const format::Layers* layers, const OwnedFloats& owned,
                 Array<Layer>& bound) noexcept;

/// Splits a chain that ends in one logit (or two) into hidden layers and an Output. A chain of one layer keeps its
/// product as a hidden layer without activation, so that there is always a first layer to fold or to split.
/// Of two logits the Output gives the difference, `positive_class` first: softmax of two is the sigmoid of that.
bool split_output(const Array<Layer>& layers, std::uint8_t positive_class, OwnedFloats& owned, Array<Layer>& hidden,
                  Output& output) noexcept;

}  // namespace dinghy::network
