// The same model and request on every ISA: scores and attention within 1e-5 of `reference`, also when a click is scored
// by rescore. Where a network makes small differences large, the bound is what `reference` itself moves by when the
// last bit of every weight is another, sixteen times: sums of floats round in as many places, and a network may square
// them.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "tests/engine/changed_model.h"
#include "tests/fuzz/drawn_columns.h"
#include "tests/fuzz/drawn_shape.h"

namespace dinghy::fuzz {
namespace {

constexpr float kTolerance = 1e-5f;  // as of `dinghy selftest`
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

/// The network of this shape with the last bit of every weight changed.
tests::ChangedModel nudged(const tests::Shape& shape) {
  tests::ChangedModel changed(shape);
  for (std::size_t i = 0; i < changed.metadata.segments.size(); ++i) {
    if (changed.metadata.segments[i]->kind != tests::changeable::SegmentKind::dense) continue;
    for (std::size_t at = 0; at < changed.metadata.segments[i]->size; at += sizeof(float)) {
      std::uint32_t bits;
      std::memcpy(&bits, changed.segment(i) + at, sizeof bits);
      bits ^= bits != 0;  // padding stays zero
      std::memcpy(changed.segment(i) + at, &bits, sizeof bits);
    }
  }
  return changed;
}

struct Distance {
  float largest = 0;
  std::size_t at = 0;
};

/// Relative where expected values are above 1.
Distance distance(const std::vector<float>& got, const std::vector<float>& expected) {
  Distance distance;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const float off = std::fabs(got[i] - expected[i]) / std::max(1.f, std::fabs(expected[i]));
    if (std::isnan(off)) return {INFINITY, i};
    if (off > distance.largest) distance = {off, i};
  }
  return distance;
}

/// What the scores are compared with.
class Oracle {
 public:
  Oracle(const tests::Shape& shape, const DrawnRequest& request, const Scored& expected)
      : shape_(shape), request_(request), expected_(expected) {}

  void compare(const char* isa, const char* what, const Scored& got, std::vector<float> Scored::* values) {
    const std::vector<float>& are = got.*values;
    const std::vector<float>& should = expected_.*values;
    if (are.size() != should.size()) fail(isa, std::string(what) + " of another size");
    const Distance off = distance(are, should);
    if (off.largest <= kTolerance) return;
    if (off.largest <= kTolerance + 16 * distance(moved().*values, should).largest && std::isfinite(off.largest))
      return;
    fail(isa, std::string(what) + "[" + std::to_string(off.at) + "] is " + std::to_string(are[off.at]) +
                  ", by reference " + std::to_string(should[off.at]));
  }

 private:
  /// By reference, of the nudged network.
  const Scored& moved() {
    if (!moved_) {
      tests::ChangedModel changed = nudged(shape_);
      const auto model = changed.open();
      if (!model.ok()) fail("nudged", model.status().message());
      moved_.emplace();
      score(*model, "reference", request_, *moved_);
    }
    return *moved_;
  }

  const tests::Shape& shape_;
  const DrawnRequest& request_;
  const Scored& expected_;
  std::optional<Scored> moved_;
};

}  // namespace
}  // namespace dinghy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace dinghy;
  FuzzedDataProvider data(bytes, size);
  const tests::Shape shape = fuzz::draw_shape(data);
  const tests::AlignedBytes file(tests::ModelFile(shape).bytes());
  const auto model = Model::from_memory(file.span());
  if (!model.ok()) fuzz::fail("open", model.status().message());
  const auto rows = data.ConsumeIntegralInRange<std::size_t>(0, fuzz::kMaxCandidates);
  const auto length = data.ConsumeIntegralInRange<std::size_t>(0, fuzz::kMaxHistory + 5);
  const fuzz::DrawnRequest request(*model, rows, length, tests::Random(data.ConsumeIntegral<std::uint16_t>()));
  fuzz::Scored expected;
  const bool defined = fuzz::score(*model, "reference", request, expected);
  fuzz::Oracle oracle(shape, request, expected);
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    fuzz::Scored got;
    if (fuzz::score(*model, isa.name, request, got) != defined)
      fuzz::fail(isa.name, "an error where reference has none");
    if (!defined) continue;
    oracle.compare(isa.name, "scores", got, &fuzz::Scored::scores);
    oracle.compare(isa.name, "attention", got, &fuzz::Scored::attention);
    oracle.compare(isa.name, "scores after a click", got, &fuzz::Scored::after_click);
  }
  return 0;
}
