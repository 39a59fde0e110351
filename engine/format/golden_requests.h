// The golden rows of a file as columns (schema/golden.fbs).
#pragma once

#include <cstddef>
#include <span>

#include "dinghy/status.h"
#include "golden_generated.h"

namespace dinghy::format {

/// Verifies the FlatBuffer in `bytes`, which are aligned to 8, and that each column has values of one kind which no
/// other column shares: the time that all rows take is linear in their bytes. What the values mean to the model is not
/// looked at. Errors: bad_file.
Status read_golden_requests(std::span<const std::byte> bytes, const GoldenRequests*& requests) noexcept;

}  // namespace dinghy::format
