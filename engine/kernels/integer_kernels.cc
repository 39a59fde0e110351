#include "engine/kernels/integer_kernels.h"

#include <algorithm>
#include <cmath>

namespace dinghy::kernels {

IntegerRange int16_range(std::size_t width) noexcept {
  constexpr double kMost = 2147483647;
  const double range = std::floor(std::sqrt(kMost / static_cast<double>(std::max<std::size_t>(1, width))));
  const auto both = static_cast<std::int32_t>(std::min(range, 32767.0));
  return {both, both};
}

}  // namespace dinghy::kernels
