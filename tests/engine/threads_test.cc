#include <array>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <thread>
#include <vector>

#include "tests/engine/random_network.h"
#include "tests/engine/request.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

// Enough for the thread sanitizer, which needs no unlucky moment to see a race, only both sides of it.
constexpr std::size_t kThreads = 8, kRounds = 10;

/// What one thread asks, and what a thread alone got for it.
struct Task {
  Request request;
  std::vector<Column> user, history, candidates;
  std::vector<float> expected;
};

/// Requests of different sizes, with one candidate in each whose id has no row.
std::vector<Task> tasks_for(const Model& model) {
  std::vector<Task> tasks(kThreads);
  for (std::size_t t = 0; t < kThreads; ++t) {
    Task& task = tasks[t];
    task.request = random_request(model, 3 + 7 * t, 5 * t, 100 + t);
    task.request.candidates.ids["item"][t % 3] = -1;
    task.expected = score(model, task.request, "").scores;
    task.user = task.request.user.columns(model);
    task.history = task.request.history.columns(model);
    task.candidates = task.request.candidates.columns(model);
  }
  return tasks;
}

/// Runs `call(0)` … `call(count - 1)` at once, each on a thread of its own.
template <class Call>
void at_once(std::size_t count, Call call) {
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < count; ++t) threads.emplace_back([&call, t] { call(t); });
  for (std::thread& thread : threads) thread.join();
}

/// A user state and a scorer of the caller's own score the task, twice; true when both give what is expected.
bool scores_alone(const Model& model, const Task& task) {
  auto user = UserState::create(model, {.max_history = 40});
  auto scorer = Scorer::create(model, {.max_candidates = task.expected.size(), .max_history = 40});
  std::vector<float> scores(task.expected.size());
  if (!user.ok() || !scorer.ok()) return false;
  if (!user->set(task.user, task.history) || !scorer->score(*user, task.candidates, scores)) return false;
  if (scores != task.expected) return false;
  return scorer->rescore(*user, scores).ok() && scores == task.expected;
}

converter::Network network_of_zero_for_missing_ids() {
  converter::Network network = random_network(
      Shape{.two_interests = true, .history_sums = true, .dense_and_bag = true, .biases = true, .mlps = true});
  for (converter::Table& table : network.tables) table.missing = format::MissingId::zero;
  return network;
}

}  // namespace

TEST_CASE("threads: a model shared by eight threads gives each the scores that it gets alone, and counts every id",
          "[scoring]") {
  const ModelFile file(network_of_zero_for_missing_ids());
  const Model model = file.open();
  const std::vector<Task> tasks = tasks_for(model);
  const std::uint32_t item = *model.feature("item");
  const std::uint64_t before = model.missing_ids(item);
  std::atomic<std::size_t> wrong{0}, running{kThreads};
  at_once(kThreads + 1, [&](std::size_t t) {
    if (t == kThreads) {  // reads the counters meanwhile
      for (std::uint64_t last = before; running > 0; std::this_thread::yield()) {
        const std::uint64_t now = model.missing_ids(item);
        wrong += now < last;
        last = now;
      }
      return;
    }
    for (std::size_t round = 0; round < kRounds; ++round) wrong += !scores_alone(model, tasks[t]);
    --running;
  });
  CHECK(wrong == 0);
  // One for the candidate's vector and one for its bias; rescore() looks nothing up.
  CHECK(model.missing_ids(item) - before == 2 * kThreads * kRounds);
}

TEST_CASE("threads: one user state serves the scorers of eight threads while nobody changes it", "[scoring]") {
  const ModelFile file(network_of_zero_for_missing_ids());
  const Model model = file.open();
  const Request request = random_request(model, 60, 30, 1);
  const auto candidates = request.candidates.columns(model);
  const std::vector<float> expected = score(model, request, "").scores;
  auto user = UserState::create(model);
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  std::atomic<std::size_t> wrong{0};
  at_once(kThreads, [&](std::size_t) {
    auto scorer = Scorer::create(model);
    std::vector<float> scores(expected.size());
    for (std::size_t round = 0; round < kRounds; ++round) {
      wrong += !scorer->score(*user, candidates, scores) || scores != expected;
      wrong += !scorer->rescore(*user, scores) || scores != expected;
    }
  });
  CHECK(wrong == 0);
}

TEST_CASE("threads: models are opened, copied and closed while others score, and the last handle closes one",
          "[scoring]") {
  const ModelFile file(network_of_zero_for_missing_ids());
  const Model model = file.open();
  const std::vector<Task> tasks = tasks_for(model);
  std::atomic<std::size_t> wrong{0};
  at_once(kThreads, [&](std::size_t t) {
    for (std::size_t round = 0; round < kRounds; ++round) {
      if (t % 2 == 0) {
        wrong += !scores_alone(Model(model), tasks[t]);
      } else {
        const auto opened = Model::open(file.path().c_str());
        wrong += !opened.ok() || !scores_alone(*opened, tasks[t]);
      }
    }
  });
  CHECK(wrong == 0);
}

}  // namespace dinghy::tests
