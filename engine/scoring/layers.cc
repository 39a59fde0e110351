#include "engine/scoring/layers.h"

namespace dinghy::scoring {

Rows run_layers(const kernels::KernelTable& kernels, std::span<const kernels::Layer> layers, Rows x, std::size_t rows,
                const LayerBuffers& buffers) noexcept {
  for (const kernels::Layer& layer : layers) {
    float* const y = x.data == buffers.first ? buffers.second : buffers.first;
    kernels.product({.x = x.data,
                     .ldx = x.stride,
                     .rows = rows,
                     .weight = layer.weight,
                     .ldw = layer.stride,
                     .in = layer.in,
                     .out = layer.out,
                     .initial = {layer.bias},
                     .y = y,
                     .ldy = buffers.stride});
    kernels.activate(layer.activation, y, buffers.stride, rows, layer.out);
    x = {y, buffers.stride};
  }
  return x;
}

}  // namespace dinghy::scoring
