// Every kernel test runs on every ISA that this machine has, and compares with double.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>
#include <string>

#include "dinghy/isa.h"
#include "engine/kernels/select.h"

namespace dinghy::tests {

/// Calls f(const Selection&) for every SIMD ISA that this machine can run.
template <class F>
void for_each_selection(F f) {
  for (const Isa& isa : isas()) {
    if (!isa.available || std::string(isa.name) == "reference") continue;
    kernels::Selection selection;
    REQUIRE(kernels::select(isa.name, selection).ok());
    INFO("ISA " << isa.name);
    f(selection);
  }
}

/// Calls f(const KernelTable&) likewise.
template <class F>
void for_each_isa(F f) {
  for_each_selection([&](const kernels::Selection& selection) { f(*selection.simd); });
}

/// The one tolerance of the kernels. A sum of n products of magnitude m computed in float, in any order, is off by at
/// most about n * eps * m; the square root is what random signs leave of it, with a factor for the tails. `slack` is
/// what an approximation (sigmoid: 2e-7) adds. A NaN is never close.
inline bool close(float got, double expected, double terms, double magnitude, double slack = 0) {
  const double eps = std::numeric_limits<float>::epsilon();
  const double tolerance = 8 * eps * std::sqrt(terms) * magnitude + slack + eps * std::fabs(expected);
  return std::fabs(static_cast<double>(got) - expected) <= tolerance;
}

}  // namespace dinghy::tests
