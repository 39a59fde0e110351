// A sound model with 1 to 8 things changed at once: any field of any table of its metadata, parts that are there or
// not, vectors longer and shorter, numbers of its segments. Its hash and sizes are right again, and in every other
// mutant the layers fit what now goes into them (fit_layers.h), so that the changes reach the checks of their meaning.
// Most findings take two changes that each alone are refused, or do nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/engine/changed_model.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::fuzz {

struct Mutant {
  std::unique_ptr<tests::AlignedBytes> file;
  std::vector<std::string> kinds;  // of the changes: "index", "optional part", …
};

/// Changes a copy of `sound`. The same random numbers make the same mutant.
Mutant mutate(const tests::ChangedModel& sound, tests::Random& random);

}  // namespace dinghy::fuzz
