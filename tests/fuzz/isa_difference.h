// The same network and request on every ISA, compared with `reference`.
#pragma once

#include <string>

#include "tests/engine/random_network.h"

namespace dinghy::fuzz {

inline constexpr std::uint32_t kMaxCandidates = 60, kMaxHistory = 60;

/// What a drawn request has; `seed` is that of its ids and numbers.
struct RequestShape {
  std::uint32_t candidates = 0;
  std::uint32_t behaviors = 0;
  std::uint64_t seed = 0;
};

/// Scores and attention of every ISA against `reference`, and scores once more after a click by rescore(). They have to
/// be within 1e-5, the tolerance of `dinghy selftest`. Where a network makes small differences large, the bound is what
/// `reference` itself moves by when every weight goes one step up or down at random, the most of four draws, sixteen
/// times: sums of floats round in as many places, and a network may square them.
///
/// Empty when all agree; else what differs, in one line. `model` is an opened random_network(shape).
std::string isa_difference(const tests::Shape& shape, const Model& model, const RequestShape& request);

}  // namespace dinghy::fuzz
