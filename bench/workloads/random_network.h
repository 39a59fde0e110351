// A workload's network with random numbers: the same on every machine for one seed.
#pragma once

#include <cstdint>

#include "bench/workloads/workload.h"
#include "converter/network.h"

namespace dinghy::bench {

/// Numbers are scaled so that activations stay near 1, the attention prefers some behaviours, and scores spread.
converter::Network random_network(const NetworkShape& shape, std::uint64_t seed);

}  // namespace dinghy::bench
