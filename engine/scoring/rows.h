// Rows of floats that are `stride` apart.
#pragma once

#include <cstddef>

namespace dinghy::scoring {

struct Rows {
  const float* data = nullptr;
  std::size_t stride = 0;

  const float* at(std::size_t row) const noexcept { return data + row * stride; }
};

}  // namespace dinghy::scoring
