#include "tests/fuzz/isa_difference.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "tests/engine/changed_model.h"
#include "tests/fuzz/drawn_columns.h"

namespace dinghy::fuzz {
namespace {

constexpr float kTolerance = 1e-5f;
constexpr std::uint64_t kNudges = 4;  // one moves the scores of a drawn network by anything from 5e-7 to 1.2e-5

struct Scored {
  std::vector<float> scores, attention, after_click;
};

struct DrawnRequest {
  DrawnRequest(const Model& model, const RequestShape& shape, tests::Random random)
      : rows(shape.candidates),
        features(model, Side::user, 1, 0, random),
        history(model, Side::history, shape.behaviors, 0, random),
        click(model, Side::history, 1, 0, random),
        candidates(model, Side::candidates, shape.candidates, 0, random) {}

  std::size_t rows;
  DrawnColumns features, history, click, candidates;
};

struct Difference : std::runtime_error {
  Difference(const char* isa, const std::string& what) : std::runtime_error(std::string(isa) + ": " + what) {}
};

[[noreturn]] void fail(const char* isa, const std::string& what) { throw Difference(isa, what); }

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

/// The network of this shape with every weight one step up or down, at random.
tests::ChangedModel nudged(const tests::Shape& shape, std::uint64_t seed) {
  tests::ChangedModel changed(shape);
  tests::Random random(seed);
  for (std::size_t i = 0; i < changed.metadata.segments.size(); ++i) {
    if (changed.metadata.segments[i]->kind != tests::changeable::SegmentKind::dense) continue;
    for (std::size_t at = 0; at < changed.metadata.segments[i]->size; at += sizeof(float)) {
      std::uint32_t bits;
      std::memcpy(&bits, changed.segment(i) + at, sizeof bits);
      if (bits << 1 != 0) bits += random.below(2) == 0 ? 1u : ~0u;  // padding stays zero
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
    if (off.largest <= kTolerance + 16 * moves(values) && std::isfinite(off.largest)) return;
    fail(isa, std::string(what) + "[" + std::to_string(off.at) + "] is " + std::to_string(are[off.at]) +
                  ", by reference " + std::to_string(should[off.at]));
  }

 private:
  /// How far nudges move the expected values: what rounding may do.
  float moves(std::vector<float> Scored::* values) {
    float most = 0;
    for (const Scored& scored : nudged_scores())
      most = std::max(most, distance(scored.*values, expected_.*values).largest);
    return most;
  }

  const std::vector<Scored>& nudged_scores() {
    for (std::uint64_t seed = nudged_.size(); seed < kNudges; ++seed) {
      tests::ChangedModel changed = nudged(shape_, seed);
      const auto model = changed.open();
      if (!model.ok()) fail("nudged", model.status().message());
      score(*model, "reference", request_, nudged_.emplace_back());
    }
    return nudged_;
  }

  const tests::Shape& shape_;
  const DrawnRequest& request_;
  const Scored& expected_;
  std::vector<Scored> nudged_;  // by reference, of nudged networks
};

void compare(const tests::Shape& shape, const Model& model, const DrawnRequest& request) {
  Scored expected;
  const bool defined = score(model, "reference", request, expected);
  Oracle oracle(shape, request, expected);
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    Scored got;
    if (score(model, isa.name, request, got) != defined) fail(isa.name, "an error where reference has none");
    if (!defined) continue;
    oracle.compare(isa.name, "scores", got, &Scored::scores);
    oracle.compare(isa.name, "attention", got, &Scored::attention);
    oracle.compare(isa.name, "scores after a click", got, &Scored::after_click);
  }
}

}  // namespace

std::string isa_difference(const tests::Shape& shape, const Model& model, const RequestShape& request) {
  try {
    compare(shape, model, DrawnRequest(model, request, tests::Random(request.seed)));
  } catch (const Difference& difference) {
    return difference.what();
  }
  return {};
}

}  // namespace dinghy::fuzz
