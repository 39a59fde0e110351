#include <chrono>
#include <cstdio>

#include "bench/dinghy_bench/times.h"
#include "bench/requests/prepared_request.h"
#include "bench/requests/request_drawer.h"
#include "device/commands.h"
#include "dinghy/scorer.h"

namespace dinghy::device {
namespace {

using bench::Clock;
using bench::microseconds;
using bench::PreparedRequest;
using bench::Times;

constexpr std::size_t kDrawnRequests = 256;  // more rows than caches hold
constexpr std::size_t kUsualHistory = 100;

/// Microseconds of each request, and of its two calls.
struct Samples {
  std::vector<double> request, set, score;
};

Status run_for(double seconds, const std::vector<PreparedRequest>& requests, UserState& user, Scorer& scorer,
               Samples& samples) {
  std::vector<float> scores(requests[0].request.candidate_count);
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (std::size_t i = 0; i == 0 || Clock::now() < end; ++i) {
    const PreparedRequest& request = requests[i % requests.size()];
    const auto begin = Clock::now();
    if (Status status = user.set(request.features, request.history); !status) return status;
    const auto middle = Clock::now();
    if (Status status = scorer.score(user, request.candidates, scores); !status) return status;
    const auto done = Clock::now();
    samples.request.push_back(microseconds(begin, done));
    samples.set.push_back(microseconds(begin, middle));
    samples.score.push_back(microseconds(middle, done));
  }
  return Status();
}

Status bench_of(const std::string& path, const Options& options) {
  const auto opening = Clock::now();
  const auto model = Model::open(path.c_str());
  if (!model.ok()) return model.status();
  const double open_time = microseconds(opening, Clock::now());
  const std::size_t trained = model->trained_history();
  const std::size_t history = options.history != 0 ? options.history : trained != 0 ? trained : kUsualHistory;
  auto user = UserState::create(*model, {.max_history = history, .isa = options.isa});
  if (!user.ok()) return user.status();
  auto scorer =
      Scorer::create(*model, {.max_candidates = options.candidates, .max_history = history, .isa = options.isa});
  if (!scorer.ok()) return scorer.status();

  bench::RequestDrawer drawer(*model, 1);
  std::vector<PreparedRequest> requests;
  for (std::size_t i = 0; i < kDrawnRequests; ++i) requests.emplace_back(drawer.draw(options.candidates, history));
  Samples warm_up, samples;
  if (Status status = run_for(options.seconds / 10, requests, *user, *scorer, warm_up); !status) return status;
  if (Status status = run_for(options.seconds, requests, *user, *scorer, samples); !status) return status;
  std::printf("%s: %.*s, %zu candidates, %zu behaviours, %zu requests; microseconds\n", path.c_str(),
              static_cast<int>(scorer->isa().size()), scorer->isa().data(), options.candidates, history,
              samples.request.size());
  const Times request(samples.request);
  std::printf("  p50 %.2f, p90 %.2f, p99 %.2f; of p50 set %.2f, score %.2f; open %.0f\n", request.percentile(0.5),
              request.percentile(0.9), request.percentile(0.99), Times(samples.set).percentile(0.5),
              Times(samples.score).percentile(0.5), open_time);
  return Status();
}

}  // namespace

bool bench(const Options& options) {
  bool right = true;
  for (const std::string& path : options.paths) {
    const Status status = bench_of(path, options);
    if (!status.ok()) std::fprintf(stderr, "dinghy-device: %s: %s\n", path.c_str(), status.message());
    right = right && status.ok();
  }
  return right;
}

}  // namespace dinghy::device
