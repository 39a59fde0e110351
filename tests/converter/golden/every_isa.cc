#include "tests/converter/golden/every_isa.h"

#include <catch2/catch_test_macros.hpp>

#include "converter/golden/check.h"
#include "dinghy/isa.h"

namespace dinghy::converter {

std::size_t check_on_every_isa(const std::string& path, const std::string& lines, double tolerance) {
  const Result<Model> model = Model::open(path.c_str());
  REQUIRE(model.ok());
  std::size_t weights = 0;
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    const IsaCheck check = check_isa(*model, path, isa.name, lines, "golden", {tolerance, tolerance});
    INFO(isa.name);
    CHECK(check.failure == "");
    CHECK(check.comparison.scores > 0);
    // The engine's own self-test has the same rows, where the conversion stored them.
    const Status status = model->selftest(isa.name);
    INFO(status.message());
    CHECK((status.ok() || status.code() == Code::unsupported));
    weights = check.comparison.weights;
  }
  return weights;
}

}  // namespace dinghy::converter
