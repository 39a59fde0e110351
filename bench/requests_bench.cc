// Whole requests through the public API, W0 … W7 (bench/workloads/workload.h), on every ISA of this machine.
//
// Fresh random ids in every request. `p50` and `fastest` are microseconds of a request, `pair_ns` nanoseconds of the
// fastest one for each of its pairs; `peak` is the share of the multiply-add peak that the folded multiply-adds of the
// fastest request amount to: with repeated categories computed once it may exceed 1. `scorer_KB` and `user_KB` are what
// a scorer and a user state allocate. Names with -int16 and -int8 compute the attention in integers. W2-two-threads
// splits W2's candidates between two scorers that read one user state.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "bench/checked.h"
#include "bench/kernels/peak.h"
#include "bench/requests/prepared_request.h"
#include "bench/requests/request_drawer.h"
#include "bench/workloads/random_network.h"
#include "bench/workloads/workload.h"
#include "converter/model_file/writer.h"
#include "dinghy/isa.h"
#include "dinghy/scorer.h"

namespace dinghy::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kRequests = 64;
constexpr int kAppends = 100;

/// A workload's name with the arithmetic of its model behind it.
std::string name_of(const Workload& workload) {
  const char* const suffixes[] = {"", "-int16", "-int8"};
  return std::string(workload.name) + suffixes[static_cast<std::size_t>(workload.network.compute)];
}

/// The workload's model, written once; its file has no name any more.
Model model_of(const Workload& workload) {
  static std::map<std::string, Model> models;
  const std::string name = name_of(workload);
  if (const auto known = models.find(name); known != models.end()) return known->second;
  const std::string path = std::filesystem::temp_directory_path() / ("dinghy-" + name + ".dinghy");
  converter::write_model(random_network(workload.network, kSeed), {}, {}, path);
  const Model model = value(Model::open(path.c_str()));
  std::filesystem::remove(path);
  return models.emplace(name, model).first->second;
}

/// A request, and what its user does next.
struct Prepared : PreparedRequest {
  std::vector<converter::RequestColumn> next_behaviour;
  std::vector<Column> behaviour;

  Prepared(RequestDrawer& drawer, const Workload& workload)
      : PreparedRequest(drawer.draw(workload.candidates, workload.history)),
        next_behaviour(drawer.draw_history(1)),
        behaviour(columns_of(next_behaviour)) {}
};

std::vector<Prepared> prepare(const Model& model, const Workload& workload) {
  RequestDrawer drawer(model, kSeed);
  std::vector<Prepared> requests;
  for (std::size_t i = 0; i < kRequests; ++i) requests.emplace_back(drawer, workload);
  return requests;
}

void report(benchmark::State& state, std::vector<double> seconds, const Workload& workload, const char* isa) {
  std::sort(seconds.begin(), seconds.end());
  state.counters["p50"] = seconds[seconds.size() / 2] * 1e6;
  state.counters["fastest"] = seconds[0] * 1e6;
  if (const double limit = peak(isa); limit > 0) {
    state.counters["peak"] = static_cast<double>(folded_multiply_adds(workload)) / seconds[0] / limit;
  }
  const std::size_t behaviors = workload.appends ? 1 : workload.history;
  state.counters["pair_ns"] = seconds[0] * 1e9 / static_cast<double>(workload.candidates * behaviors);
}

void report_memory(benchmark::State& state, const Model& model, const UserOptions& user, const ScorerOptions& scorer) {
  state.counters["user_KB"] = static_cast<double>(value(UserState::size(model, user))) / 1000;
  state.counters["scorer_KB"] = static_cast<double>(value(Scorer::size(model, scorer))) / 1000;
}

void run_workload(benchmark::State& state, const Workload& workload, const char* isa) {
  const Model model = model_of(workload);
  const std::vector<Prepared> requests = prepare(model, workload);
  const UserOptions user_options{.max_history = workload.history, .isa = isa};
  const ScorerOptions scorer_options{
      .max_candidates = workload.candidates, .max_history = workload.history, .isa = isa};
  auto user = value(UserState::create(model, user_options));
  auto scorer = value(Scorer::create(model, scorer_options));
  std::vector<float> scores(workload.candidates);
  std::vector<double> seconds;
  std::size_t i = 0;
  for (auto _ : state) {
    const Prepared& request = requests[i++ % kRequests];
    if (workload.appends) {
      check(user.set(request.features, request.history));
      check(scorer.score(user, request.candidates, scores));
    }
    const auto begin = Clock::now();
    check(workload.appends ? user.append(request.behaviour) : user.set(request.features, request.history));
    check(workload.appends ? scorer.rescore(user, scores) : scorer.score(user, request.candidates, scores));
    seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    state.SetIterationTime(seconds.back());
  }
  report(state, std::move(seconds), workload, isa);
  report_memory(state, model, user_options, scorer_options);
}

/// Scores the second half of the candidates whenever `turn` is raised. Both threads spin: a request takes less time
/// than a thread needs to wake up.
class SecondThread {
 public:
  template <class Work>
  explicit SecondThread(Work work)
      : thread_([this, work] {
          for (int turn = 1; await(asked_, turn); ++turn) {
            work();
            done_.store(turn, std::memory_order_release);
          }
        }) {}
  ~SecondThread() {
    asked_.store(kStop, std::memory_order_release);
    thread_.join();
  }
  void start() { asked_.store(++turn_, std::memory_order_release); }
  void wait() { await(done_, turn_); }

 private:
  static constexpr int kStop = -1;

  /// False when the thread should end.
  static bool await(const std::atomic<int>& counter, int turn) {
    int now;
    while ((now = counter.load(std::memory_order_acquire)) != turn && now != kStop) {
    }
    return now != kStop;
  }

  std::atomic<int> asked_{0}, done_{0};
  int turn_ = 0;
  std::thread thread_;
};

void two_threads(benchmark::State& state, const Workload& workload, const char* isa) {
  const Model model = model_of(workload);
  const std::vector<Prepared> requests = prepare(model, workload);
  auto user = value(UserState::create(model, {.max_history = workload.history, .isa = isa}));
  const ScorerOptions options{.max_candidates = workload.candidates, .max_history = workload.history, .isa = isa};
  auto first = value(Scorer::create(model, options)), second = value(Scorer::create(model, options));
  const std::size_t half = workload.candidates / 2;
  std::vector<float> scores(workload.candidates);
  const Prepared* request = nullptr;
  const auto score = [&](Scorer& scorer, std::size_t begin, std::size_t count) {
    Column columns[2] = {request->candidates[0], request->candidates[1]};
    for (Column& column : columns) column = Column::ids(column.feature(), {column.ids() + begin, count});
    check(scorer.score(user, columns, std::span(scores).subspan(begin, count)));
  };
  SecondThread thread([&] { score(second, half, workload.candidates - half); });
  std::vector<double> seconds;
  std::size_t i = 0;
  for (auto _ : state) {
    request = &requests[i++ % kRequests];
    const auto begin = Clock::now();
    check(user.set(request->features, request->history));
    thread.start();
    score(first, 0, half);
    thread.wait();
    seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    state.SetIterationTime(seconds.back());
  }
  report(state, std::move(seconds), workload, isa);
}

void register_all() {
  const auto add = [](const std::string& name, const Isa& isa, auto function, const Workload& workload) {
    auto* const added = benchmark::RegisterBenchmark((name + "/" + isa.name).c_str(), function, workload, isa.name);
    added->UseManualTime()->Unit(benchmark::kMicrosecond);
    // Before each append comes a whole request, which no time limit counts.
    if (workload.appends) added->Iterations(kAppends);
  };
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    for (Workload workload : workloads()) {
      // It computes all pairs again.
      if (workload.appends && std::string_view(isa.name) == "reference") continue;
      for (const auto compute : {format::Compute::f32, format::Compute::int16, format::Compute::int8}) {
        workload.network.compute = compute;
        add(name_of(workload), isa, &run_workload, workload);
      }
    }
    if (std::thread::hardware_concurrency() > 1) add("W2-two-threads", isa, &two_threads, *find_workload("W2"));
  }
}

}  // namespace
}  // namespace dinghy::bench

int main(int argc, char** argv) {
  try {
    dinghy::bench::register_all();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dinghy-requests-bench: %s\n", error.what());
    return 1;
  }
}
