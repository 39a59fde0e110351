#include "bench/dinghy_bench/measurement.h"

#include <algorithm>

#include "bench/dinghy_bench/ranker.h"
#include "bench/dinghy_bench/steps.h"
#include "converter/error.h"

namespace dinghy::bench {
namespace {

constexpr std::size_t kFewestRequests = 20;
constexpr std::size_t kMostRequests = 500'000;
constexpr int kLoads = 50;

/// Every request once, unless that takes longer than `seconds`.
void warm_up(Ranker& ranker, const std::vector<PreparedRequest>& requests, double seconds) {
  const auto begin = Clock::now();
  for (const PreparedRequest& request : requests) {
    ranker.set(request);
    ranker.score(request);
    if (microseconds(begin, Clock::now()) > seconds * 1e6) return;
  }
}

/// The three times of each request.
struct Samples {
  std::vector<double> request, set, score;
  double candidates = 0, history = 0;  // sums

  void add(const PreparedRequest& of, double set_time, double score_time) {
    request.push_back(set_time + score_time);
    set.push_back(set_time);
    score.push_back(score_time);
    candidates += static_cast<double>(of.request.candidate_count);
    history += static_cast<double>(longest_history(of));
  }
};

}  // namespace

Measurement measure(const Model& model, const std::string& path, const std::vector<PreparedRequest>& requests,
                    PageState state, const MeasureOptions& options) {
  Ranker ranker = Ranker::for_requests(model, requests, options.isa);
  const Pages pages(model, path);
  warm_up(ranker, requests, options.seconds);
  Samples samples;
  const Faults before = faults();
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < kMostRequests; ++i) {
    const PreparedRequest& request = requests[i % requests.size()];
    pages.bring_to(state);
    const auto start = Clock::now();
    if (options.prefetch) ranker.prefetch(request);
    ranker.set(request);
    const auto middle = Clock::now();
    ranker.score(request);
    const auto end = Clock::now();
    samples.add(request, microseconds(start, middle), microseconds(middle, end));
    if (i + 1 >= kFewestRequests && microseconds(begin, end) > options.seconds * 1e6) break;
  }
  const Faults after = faults();
  const auto count = static_cast<double>(samples.request.size());
  Measurement m{.candidates = samples.candidates / count,
                .history = samples.history / count,
                .state = state,
                .request = Times(std::move(samples.request)),
                .set = Times(std::move(samples.set)),
                .score = Times(std::move(samples.score)),
                .minor_faults = static_cast<double>(after.minor - before.minor) / count,
                .major_faults = static_cast<double>(after.major - before.major) / count};
  m.candidates_per_second = samples.candidates / (m.request.sum() * 1e-6);
  if (state == PageState::hot) m.steps = measure_steps(ranker, requests, options.seconds);
  return m;
}

Load measure_load(const std::string& path, const PreparedRequest& first, const MeasureOptions& options) {
  std::vector<double> opens, creates;
  opens.reserve(kLoads);
  creates.reserve(kLoads);
  Memory taken;
  for (int i = 0; i < kLoads; ++i) {
    const Memory before = memory();
    const auto start = Clock::now();
    auto model = Model::open(path.c_str());
    const auto opened = Clock::now();
    if (!model.ok()) throw converter::Error(path, model.status().message());
    Ranker ranker(*model, first.request.candidate_count, longest_history(first), options.isa);
    const auto created = Clock::now();
    opens.push_back(microseconds(start, opened));
    creates.push_back(microseconds(opened, created));
    if (i > 0) continue;  // later loads reuse what the allocator kept
    ranker.set(first);
    ranker.score(first);
    const Memory after = memory();
    taken = {after.anonymous - before.anonymous, after.file - before.file};
  }
  return {Times(std::move(opens)), Times(std::move(creates)), taken};
}

}  // namespace dinghy::bench
