// Where a behaviour stands in the padded history, for layers that depend on it (prelu_position).
#pragma once

#include "engine/network/network.h"

namespace dinghy::network {

/// The position of `row` out of `length` behaviours and, behind them, the rows of padding. `interest` has positions.
inline std::size_t position_of(const Interest& interest, format::PadSide pad_side, std::size_t length,
                               std::size_t row) noexcept {
  if (pad_side == format::PadSide::right) return row;
  return row < length ? interest.positions - length + row : row - length;
}

/// Layer `l` of the unit as it is at a position: a PReLU with that position's alpha.
inline Layer layer_at(const Interest& interest, std::size_t l, std::size_t position) noexcept {
  Layer layer = interest.layers[l];
  if (interest.by_position[l]) layer.activation.alpha += position * layer.stride;
  return layer;
}

}  // namespace dinghy::network
