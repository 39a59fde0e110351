#include "tests/fuzz/costs.h"

#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "dinghy/scorer.h"
#include "dinghy/user_state.h"
#include "engine/format/bounds.h"
#include "engine/scoring/scorer_data.h"
#include "engine/scoring/user_data.h"

extern "C" [[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();

namespace dinghy::fuzz {
namespace {

constexpr std::uint64_t kMega = 1 << 20;
constexpr std::size_t kMaxCandidates = 40, kMaxHistory = 50;

std::uint64_t allocated_bytes() {
  if (__sanitizer_get_current_allocated_bytes != nullptr) return __sanitizer_get_current_allocated_bytes();
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// A sanitizer makes everything some ten times slower.
double seconds_allowed() { return __sanitizer_get_current_allocated_bytes != nullptr ? 10 : 1; }

/// Of the processor: what else the machine does is no finding.
double seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

[[noreturn]] void fail(const char* what, double is, double most) {
  std::fprintf(stderr, "costs: %s: %g, at most %g are allowed\n", what, is, most);
  std::abort();
}

/// The case of each line that came nearest to its bound, written at the end of the process into the file that
/// DINGHY_COSTS names: what, its share of the bound, what it was, the bound.
class WorstCases {
 public:
  ~WorstCases() {
    const char* const path = std::getenv("DINGHY_COSTS");
    if (path == nullptr) return;
    std::ofstream out(path);
    for (const auto& [what, worst] : cases_) {
      out << what << '\t' << worst.is / worst.most << '\t' << worst.is << '\t' << worst.most << '\n';
    }
  }
  void note(const char* what, double is, double most) {
    const auto [place, first] = cases_.try_emplace(what, Case{is, most});
    if (!first && is * place->second.most > place->second.is * most) place->second = {is, most};
  }

 private:
  struct Case {
    double is, most;
  };
  std::map<std::string, Case> cases_;
};

void check(const char* what, double is, double most) {
  static WorstCases worst;
  if (is > most) fail(what, is, most);
  if (most > 0) worst.note(what, is, most);
}

/// Fails when what happened since took too long.
class Stopwatch {
 public:
  void check(const char* what) {
    const double now = seconds();
    fuzz::check(what, now - began_, seconds_allowed());
    began_ = now;
  }

 private:
  double began_ = seconds();
};

/// The terms of FORMAT.md's formulas.
struct Terms {
  std::uint64_t widths = 0;     // W
  std::uint64_t places = 0;     // S + I, rows that are rounded up to 16 numbers
  std::uint64_t unit = 16;      // U: widest first layer of a unit
  std::uint64_t block = 0;      // L: rows that are kept for a block of candidates
  std::uint64_t lengths = 0;    // of the rows of logits
  std::uint64_t first = 0;      // F: the first layers of all units
  std::uint64_t positions = 0;  // P
  std::uint64_t dense = 0;

  Terms(const network::Model& model, std::uint64_t history) {
    places = model.sequences.size() + model.interests.size() + 1;
    for (const network::Feature& f : model.features) widths += f.width;
    std::uint64_t pooled = 0, query = 0, hidden = 0, input = model.tower.width;
    const auto widest = [](std::uint64_t& most, const auto& layers) {
      for (const network::Layer& layer : layers) most = std::max<std::uint64_t>(most, layer.stride);
    };
    for (const network::Interest& i : model.interests) {
      widths += i.width + i.query_width;
      lengths += std::max<std::uint64_t>(history, i.positions) + 16;
      positions = std::max<std::uint64_t>({positions, i.positions, i.pad_to});
      query = std::max<std::uint64_t>({query, i.width, i.query_width});
      widest(query, i.query_layers);
      widest(pooled, i.post_layers);
      widest(unit, i.layers);
      if (!i.layers.empty()) first += i.layers[0].stride;
    }
    for (const network::Mlp& mlp : model.mlps) {
      input = std::max<std::uint64_t>(input, mlp.width);
      widest(hidden, mlp.layers);
    }
    widest(hidden, model.tower.layers);
    block =
        input + model.result_width + 2 * (std::max(pooled, query) + query + hidden + unit) + positions + history + 256;
    model.file.for_each_segment(format::SegmentKind::dense, [&](auto bytes) { dense += bytes.size(); });
  }
};

/// FORMAT.md, "Bounds": what parts of the file add up to.
void check_bounds(const network::Model& model) {
  check("numbers that the user brings to the tower", model.user_width, format::kMaxInput);
  check("numbers of a candidate's features", model.candidate_width, format::kMaxInput);
  check("numbers that candidates bring to the tower", model.result_width, format::kMaxInput);
  check("numbers of the tower's input", model.tower.width, format::kMaxInput);
  for (const network::Interest& i : model.interests) check("positions", i.positions, format::kMaxWidth);
}

void check_creation(const Model& model) {
  const network::Model& network = model.internal();
  const std::uint64_t n = kMaxCandidates, t = kMaxHistory;
  const Terms terms(network, t);
  const UserOptions user_options{.max_history = kMaxHistory, .isa = "reference"};
  const auto user = UserState::create(model, user_options);
  if (user.ok()) {
    const auto said = UserState::size(model, user_options);
    check("bytes of a user state, but for those said before", user->internal()->bytes() - *said, 0);
    check("bytes of a user state", user->internal()->arena.bytes(),
          32 * (t + 2) * (terms.widths + 16 * terms.places) + 16 * kMega);
  }
  for (const char* isa : {"", "reference"}) {
    const ScorerOptions options{.max_candidates = n, .max_history = kMaxHistory, .isa = isa};
    const auto scorer = Scorer::create(model, options);
    if (!scorer.ok()) continue;
    const auto said = Scorer::size(model, options);
    check("bytes of a scorer, but for those said before", scorer->internal()->bytes() - *said, 0);
    check("bytes of a scorer", scorer->internal()->arena.bytes(),
          32 * (n + t + 2) * (terms.widths + 16 * terms.places + terms.unit) + 4 * n * (terms.lengths + terms.first) +
              16 * std::min<std::uint64_t>(n, 48) * terms.block + 2 * terms.dense + 4 * kMega);
  }
}

}  // namespace

bool within_costs(std::span<const std::byte> file, const std::function<void(const Model&)>& use) {
  const std::uint64_t before = allocated_bytes();
  Stopwatch watch;
  const auto model = Model::from_memory(file);
  watch.check("seconds to open");
  if (!model.ok()) return false;
  check("bytes after opening", allocated_bytes() - before, 8 * file.size() + kMega);
  check_bounds(model->internal());
  check_creation(*model);
  watch.check("seconds to create a user state and a scorer");
  use(*model);
  watch.check("seconds for a few requests");
  return true;
}

}  // namespace dinghy::fuzz
