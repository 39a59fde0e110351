// From the logits of the local activation unit to the weights of the sum.
#pragma once

#include <cstddef>

#include "engine/kernels/kernel_table.h"
#include "engine/network/network.h"
#include "engine/network/user.h"

namespace dinghy::scoring {

/// Padding rows that training put behind this history and that take part; 0 where padding is excluded.
std::size_t pads_of(const network::Interest& interest, const network::History& history) noexcept;

/// True when no behaviour and no padding row has a weight, or a mean has nothing to divide by: the interest's `empty`
/// rule decides.
bool is_empty(const network::Interest& interest, const network::History& history) noexcept;

/// The closed form of reference::normalize. `weights`: logits of history.length behaviours and, behind them, of the
/// padding row when pads > 0 (of every padding row where the interest has positions); afterwards their weights, behind
/// them that of all padding rows together (0 without any).
void weigh(const kernels::KernelTable& kernels, const network::Interest& interest, const network::History& history,
           float* weights) noexcept;

}  // namespace dinghy::scoring
