#include "converter/quantization/compute_choice.h"

#include <algorithm>

#include "converter/error.h"
#include "converter/golden/check.h"
#include "converter/quantization/draft_model.h"
#include "dinghy/isa.h"
#include "dinghy/scorer.h"

namespace dinghy::converter {

using format::Compute;

std::vector<Compute> read_compute(const std::string& word, bool limited) {
  if (word == "auto") {
    return limited ? std::vector{Compute::int8, Compute::int16, Compute::f32}
                   : std::vector{Compute::int16, Compute::f32};
  }
  for (const Compute compute : format::EnumValuesCompute()) {
    if (word == format::EnumNameCompute(compute)) return {compute};
  }
  throw Error("--compute", "there is no arithmetic '" + word + "'; there are f32, int16, int8 and auto");
}

bool golden_rows_confirm(Network network, Compute compute, const GoldenRows& golden, const std::string& rows_name,
                         const std::string& checkpoint, const std::string& output) {
  constexpr double kMost = 1e-5;
  if (golden.count == 0) return false;
  network.compute = compute;
  const DraftModel draft(network, checkpoint, output);
  const auto distance = [&](const std::string& isa) {
    return check_isa(draft.model(), checkpoint, isa, golden.lines, rows_name, golden.tolerance)
        .comparison.score.distance;
  };
  const auto scorer = Scorer::create(draft.model(), {.integers = Integers::always});
  if (!scorer.ok() || !scorer->uses_integers()) return false;
  const double exact = distance("reference");
  return std::ranges::all_of(isas(),
                             [&](const Isa& isa) { return !isa.available || distance(isa.name) <= exact + kMost; });
}

std::string compute_note(Compute compute) {
  return std::string("attention computed in ") + format::EnumNameCompute(compute);
}

}  // namespace dinghy::converter
