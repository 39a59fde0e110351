// Networks whose tables are elsewhere, made of those that have them.
#pragma once

#include <cstdint>

#include "converter/network.h"
#include "dinghy/model.h"

namespace dinghy::tests {

/// Every table of a feature becomes remote, those of biases alone stay. On the device are the rows of the ids
/// [0, local_ids), as far as the table has them, of padding and of missing ids. `whole` is a model of the network.
converter::Network device_network(converter::Network network, const Model& whole, std::uint64_t local_ids);

}  // namespace dinghy::tests
