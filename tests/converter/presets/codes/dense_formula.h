// A Dense layer in double, for tests that compute a code's formula beside its preset.
#pragma once

#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

using Numbers = std::vector<double>;

/// x * `scope`/kernel + `scope`/bias, the kernel [in][out].
inline Numbers dense(const Checkpoint& from, const std::string& scope, const Numbers& x) {
  const Numbers kernel = from.find(scope + "/kernel")->values();
  Numbers y = from.find(scope + "/bias")->values();
  for (std::size_t in = 0; in < x.size(); ++in) {
    for (std::size_t out = 0; out < y.size(); ++out) y[out] += x[in] * kernel[in * y.size() + out];
  }
  return y;
}

}  // namespace dinghy::converter
