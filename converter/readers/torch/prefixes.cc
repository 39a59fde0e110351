#include "converter/readers/torch/prefixes.h"

#include <algorithm>

namespace dinghy::converter {

void strip_prefixes(std::vector<Tensor>& tensors, std::span<const std::string_view> prefixes) {
  if (tensors.empty()) return;
  const auto strip = [&](std::string_view prefix) {
    const bool all = std::ranges::all_of(tensors, [&](const Tensor& t) { return t.name.starts_with(prefix); });
    if (!all) return false;
    for (Tensor& tensor : tensors) tensor.name.erase(0, prefix.size());
    return true;
  };
  while (std::ranges::any_of(prefixes, strip)) continue;
}

}  // namespace dinghy::converter
