// The folded first layer of the local activation unit.
#pragma once

#include "engine/network/bind_layers.h"

namespace dinghy::network {

/// The paper's unit multiplies [q, k, q-k, q*k] by W1 = [Wa; Wb; Wc; Wd]. Exactly the same is
///   z = q (Wa + Wc) + k (Wb - Wc) + (q * k) Wd + b = q (Wa + Wc) + k ((Wb - Wc) + diag(q) Wd) + b,
/// a quarter of the multiplications per behaviour. Computes the two sums, in double, rounded once.
void fold_first_layer(const Layer& first, std::size_t width, OwnedFloats& owned, Interest& interest) noexcept;

}  // namespace dinghy::network
