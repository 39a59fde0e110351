// Sound models that the engine's targets start from: between them every part of the file format.
#pragma once

#include <vector>

#include "converter/network.h"
#include "tests/engine/aligned_bytes.h"

namespace dinghy::fuzz {

/// The networks that they are written from.
std::vector<converter::Network> sample_networks();

/// Whole .dinghy files, the same in every run. Made at the first call.
const std::vector<tests::AlignedBytes>& sample_models();

}  // namespace dinghy::fuzz
