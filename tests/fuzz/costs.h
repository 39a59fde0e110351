// What a file may hold and cost: schema/FORMAT.md, "Bounds" and "Costs", as checks.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "dinghy/model.h"

namespace dinghy::fuzz {

/// Opens `file` and, when it opens, creates a user state and a scorer and calls `use`. Ends the process with a line
/// that says what is beyond its bound, or costs too much memory or time. False when the file does not open.
bool within_costs(std::span<const std::byte> file, const std::function<void(const Model&)>& use);

}  // namespace dinghy::fuzz
