// Layers of a file, checked and bound to their numbers.
#pragma once

#include "engine/format/dense.h"
#include "engine/network/network.h"

namespace dinghy::network {

using Layers = flatbuffers::Vector<flatbuffers::Offset<format::Layer>>;

/// Layers that depend on the position in the padded history, of one chain.
struct Positions {
  Array<bool> by_layer;     // which do
  std::uint32_t count = 0;  // positions; the same in all of those layers
};

class LayerReader {
 public:
  explicit LayerReader(const format::File& file) noexcept : dense_(file) {}

  /// Weight and bias of a layer on `in` numbers. A layer without a bias gets null, which derive() exchanges for zeros.
  /// `owner` is named in errors. Errors: bad_file.
  Status read_product(const format::Layer& from, std::uint32_t in, const char* owner, Layer& layer) noexcept;

  /// A chain of layers from `in` numbers on; none where `from` is null. Layers by position are refused unless
  /// `positions` is there. Errors: bad_file, out_of_memory.
  Status read(const Layers* from, std::uint32_t in, const char* owner, Array<Layer>& layers,
              Positions* positions = nullptr) noexcept;

  /// A vector of `width` numbers, `name` of `owner`. Errors: bad_file, also where it is null.
  Status read_vector(const format::Tensor* tensor, std::uint32_t width, const char* owner, const char* name,
                     const float*& numbers) noexcept;

 private:
  Status read_alphas(const format::Tensor* tensor, std::uint32_t width, const char* owner, Positions* positions,
                     const float*& numbers) noexcept;
  Status read_activation(const format::Activation* from, std::uint32_t width, const char* owner, Positions* positions,
                         Activation& activation) noexcept;

  format::DenseReader dense_;
};

/// Numbers that a chain gives: those of its last layer, `in` where it has none.
std::uint32_t result_width(const Array<Layer>& layers, std::uint32_t in) noexcept;

}  // namespace dinghy::network
