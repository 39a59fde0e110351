// Chains of layers: of queries, behind the pooling, of MLPs and of the tower.
#pragma once

#include <cstddef>
#include <span>

#include "engine/kernels/kernel_table.h"
#include "engine/scoring/rows.h"

namespace dinghy::scoring {

/// What the layers of a chain write to in turns.
struct LayerBuffers {
  float* first = nullptr;  // [rows][stride]
  float* second = nullptr;
  std::size_t stride = 0;
};

/// x through `layers` for some rows; the result is in one of the two buffers, or x itself when there are no layers. x
/// may lie in the first buffer.
Rows run_layers(const kernels::KernelTable& kernels, std::span<const kernels::Layer> layers, Rows x, std::size_t rows,
                const LayerBuffers& buffers) noexcept;

}  // namespace dinghy::scoring
