#include "tests/engine/hostile/refusal.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/fuzz/score_hostile.h"

namespace dinghy::tests {

void check_refused(const Result<Model>& hostile, const std::string& named) {
  INFO("the error has to name " << named);
  if (hostile.ok()) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) fuzz::score_hostile(*hostile, seed % 2 == 0 ? 0 : 64, seed);
  }
  CHECK(hostile.status().code() == Code::bad_file);
  CHECK_THAT(std::string(hostile.status().message()), Catch::Matchers::ContainsSubstring(named));
}

void check_refused(const converter::Network& sound, const std::vector<HostileChange>& changes) {
  {
    const auto unchanged = ChangedModel(sound).open();
    INFO(unchanged.status().message());
    REQUIRE(unchanged.ok());
  }
  for (const HostileChange& change : changes) {
    ChangedModel hostile(sound);
    change.apply(hostile.metadata);
    check_refused(hostile.open(), change.named);
  }
}

}  // namespace dinghy::tests
