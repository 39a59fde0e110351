// Prefixes that wrappers put in front of all names of a model.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

/// Takes `prefixes` off, in any order and as often as all names begin with one.
void strip_prefixes(std::vector<Tensor>& tensors, std::span<const std::string_view> prefixes);

}  // namespace dinghy::converter
