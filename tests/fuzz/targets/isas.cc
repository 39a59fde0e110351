// The same model and request on every ISA: scores and attention within 1e-5 of `reference`, also when a click is scored
// by rescore.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "tests/engine/aligned_bytes.h"
#include "tests/fuzz/drawn_columns.h"
#include "tests/fuzz/drawn_shape.h"

namespace dinghy::fuzz {
namespace {

constexpr float kTolerance = 1e-5f;  // docs/design.md; of attention relative to weights above 1
constexpr std::size_t kMaxCandidates = 60, kMaxHistory = 60;

struct Scored {
  std::vector<float> scores, attention, after_click;
};

struct DrawnRequest {
  DrawnRequest(const Model& model, std::size_t candidate_rows, std::size_t length, tests::Random random)
      : rows(candidate_rows),
        features(model, Side::user, 1, 0, random),
        history(model, Side::history, length, 0, random),
        click(model, Side::history, 1, 0, random),
        candidates(model, Side::candidates, candidate_rows, 0, random) {}

  std::size_t rows;
  DrawnColumns features, history, click, candidates;
};

[[noreturn]] void fail(const char* isa, const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", isa, what.c_str());
  std::abort();
}

/// False when the model defines no score for this request.
bool score(const Model& model, const char* isa, const DrawnRequest& request, Scored& out) {
  auto user = UserState::create(model, {.max_history = kMaxHistory, .isa = isa});
  auto scorer = Scorer::create(model, {.max_candidates = kMaxCandidates, .max_history = kMaxHistory, .isa = isa});
  if (!user.ok() || !scorer.ok()) fail(isa, "cannot be created");
  const Status set = user->set(request.features.columns(), request.history.columns());
  if (!set.ok()) fail(isa, set.message());
  std::size_t weights = 0;
  for (std::size_t i = 0; i < model.interests(); ++i) weights += request.rows * user->history_length(i);
  out.scores.resize(request.rows);
  out.attention.resize(weights);
  out.after_click.resize(request.rows);
  const Status scored = scorer->score(*user, request.candidates.columns(), out.scores, out.attention);
  if (scored.code() == Code::empty_history) return false;
  if (!scored.ok()) fail(isa, scored.message());
  if (!user->append(request.click.columns()).ok()) fail(isa, "append is refused");
  const Status rescored = scorer->rescore(*user, out.after_click);
  if (rescored.code() == Code::empty_history) return false;  // the mask takes the click out
  if (!rescored.ok()) fail(isa, rescored.message());
  return true;
}

void compare(const char* isa, const char* what, const std::vector<float>& got, const std::vector<float>& expected) {
  if (got.size() != expected.size()) fail(isa, std::string(what) + " of another size");
  for (std::size_t i = 0; i < got.size(); ++i) {
    const float tolerance = kTolerance * std::max(1.f, std::fabs(expected[i]));
    if (std::fabs(got[i] - expected[i]) <= tolerance) continue;
    fail(isa, std::string(what) + "[" + std::to_string(i) + "] is " + std::to_string(got[i]) + ", by reference " +
                  std::to_string(expected[i]));
  }
}

}  // namespace
}  // namespace dinghy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace dinghy;
  FuzzedDataProvider data(bytes, size);
  const tests::AlignedBytes file(tests::ModelFile(fuzz::draw_shape(data)).bytes());
  const auto model = Model::from_memory(file.span());
  if (!model.ok()) fuzz::fail("open", model.status().message());
  const auto rows = data.ConsumeIntegralInRange<std::size_t>(0, fuzz::kMaxCandidates);
  const auto length = data.ConsumeIntegralInRange<std::size_t>(0, fuzz::kMaxHistory + 5);
  const fuzz::DrawnRequest request(*model, rows, length, tests::Random(data.ConsumeIntegral<std::uint16_t>()));
  fuzz::Scored expected;
  const bool defined = fuzz::score(*model, "reference", request, expected);
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    fuzz::Scored got;
    if (fuzz::score(*model, isa.name, request, got) != defined)
      fuzz::fail(isa.name, "an error where reference has none");
    if (!defined) continue;
    fuzz::compare(isa.name, "scores", got.scores, expected.scores);
    fuzz::compare(isa.name, "attention", got.attention, expected.attention);
    fuzz::compare(isa.name, "scores after a click", got.after_click, expected.after_click);
  }
  return 0;
}
