// Sound models that the engine's targets start from: between them every part of the file format, golden rows too.
#pragma once

#include <vector>

#include "tests/engine/aligned_bytes.h"

namespace dinghy::fuzz {

/// Whole .dinghy files, the same in every run. Made at the first call.
const std::vector<tests::AlignedBytes>& sample_models();

}  // namespace dinghy::fuzz
