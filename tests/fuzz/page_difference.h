// The contract of one score (dinghy/scorer.h) on drawn networks and requests.
#pragma once

#include <string>

#include "tests/fuzz/isa_difference.h"

namespace dinghy::fuzz {

/// On every ISA, in one arithmetic that `request.seed` chooses: whether each candidate alone has the bits of its score
/// and attention in the page, and rescore() after a click those of a score() by another user state and scorer.
///
/// Empty when all are equal; else what differs, in one line.
std::string page_difference(tests::Shape shape, const RequestShape& request);

}  // namespace dinghy::fuzz
