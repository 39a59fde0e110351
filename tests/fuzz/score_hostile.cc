#include "tests/fuzz/score_hostile.h"

#include <vector>

#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "tests/fuzz/drawn_columns.h"

namespace dinghy::fuzz {
namespace {

constexpr std::size_t kMaxCandidates = 8, kMaxHistory = 30;

void score_on(const Model& model, const char* isa, unsigned hostility, std::uint64_t seed) {
  (void)model.selftest(isa).ok();
  tests::Random random(seed);
  auto user = UserState::create(model, {.max_history = kMaxHistory, .isa = isa});
  auto scorer = Scorer::create(model, {.max_candidates = kMaxCandidates, .max_history = kMaxHistory, .isa = isa});
  if (!user.ok() || !scorer.ok()) return;
  const std::size_t rows = random.below(kMaxCandidates + 1), length = random.below(kMaxHistory + 10);
  const DrawnColumns features(model, Side::user, 1, hostility, random);
  const DrawnColumns history(model, Side::history, length, hostility, random);
  const DrawnColumns clicks(model, Side::history, 2, hostility, random);
  const DrawnColumns candidates(model, Side::candidates, rows, hostility, random);
  (void)model.prefetch(candidates.columns()).ok();
  (void)user->set(features.columns(), history.columns()).ok();
  std::size_t weights = 0;
  for (std::size_t i = 0; i < model.interests(); ++i) weights += rows * user->history_length(i);
  std::vector<float> scores(rows), attention(weights);
  (void)scorer->score(*user, candidates.columns(), scores, attention).ok();
  (void)user->append(clicks.columns()).ok();
  (void)scorer->rescore(*user, scores).ok();
}

}  // namespace

void score_hostile(const Model& model, unsigned hostility, std::uint64_t seed) {
  (void)model.verify().ok();
  for (const Isa& isa : isas()) {
    if (isa.available) score_on(model, isa.name, hostility, seed);
  }
}

void score_hostile_on_one(const Model& model, std::uint64_t number, unsigned hostility, std::uint64_t seed) {
  std::vector<const char*> names;
  for (const Isa& isa : isas()) {
    if (isa.available) names.push_back(isa.name);
  }
  (void)model.verify().ok();
  score_on(model, names[number % names.size()], hostility, seed);
}

}  // namespace dinghy::fuzz
