// Several weights of one network in one file: which of the other tensors are such.
#pragma once

#include "converter/tensor.h"

namespace dinghy::converter {

/// Moves an average that lies among the tensors, under a prefix that calls it one, to the alternatives: "ema_model.x"
/// beside "online_model.x".
void split_averages(Checkpoint& checkpoint);

/// Of the alternatives, whatever a reader found, keeps those whose tensors are the network's by name and shape; what
/// they lack, as an average of parameters lacks buffers, is that of `tensors`. The others are left out, with the
/// reason.
void settle_alternatives(Checkpoint& checkpoint);

}  // namespace dinghy::converter
