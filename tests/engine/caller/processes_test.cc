// Threads with little stack, and processes that fork.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <climits>
#include <thread>

#include "dinghy/isa.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

/// Calls without a macro of the test framework, for threads and processes that it does not know.
std::vector<float> quiet_scores(const std::string& path, const Request& request, const char* isa) {
  std::vector<float> scores(request.rows, -1);
  const auto model = Model::open(path.c_str());
  if (!model.ok()) return scores;
  auto user = UserState::create(*model, {.max_history = request.length, .isa = isa});
  auto scorer = Scorer::create(
      *model,
      {.max_candidates = request.rows, .max_history = request.length, .isa = isa, .integers = Integers::always});
  if (!user.ok() || !scorer.ok()) return scores;
  if (!user->set(request.user.columns(*model), request.history.columns(*model)).ok()) return scores;
  if (!scorer->score(*user, request.candidates.columns(*model), scores).ok()) return scores;
  return scorer->rescore(*user, scores).ok() ? scores : std::vector<float>(request.rows, -1);
}

struct Task {
  std::string path;
  Request request;
  const char* isa;
  std::vector<float> scores = {};
};

void* run_task(void* task) {
  auto& of = *static_cast<Task*>(task);
  of.scores = quiet_scores(of.path, of.request, of.isa);
  return nullptr;
}

}  // namespace

TEST_CASE("threads: 64 KB of stack are enough for every call on every ISA", "[caller]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  SKIP("sanitizers widen every frame");
#endif
  for (const format::Compute compute : {format::Compute::f32, format::Compute::int16, format::Compute::int8}) {
    const ModelFile file(
        Shape{.field_widths = {64, 24}, .attention = {80, 40}, .tower = {200, 80}, .compute = compute});
    const Request request = random_request(file.open(), 60, 50, 1);
    for (const Isa& isa : isas()) {
      if (!isa.available) continue;
      CAPTURE(isa.name);
      Task task{.path = file.path(), .request = request, .isa = isa.name};
      pthread_attr_t attributes;
      REQUIRE(::pthread_attr_init(&attributes) == 0);
      const std::size_t stack = std::max<std::size_t>(std::size_t{64} << 10, PTHREAD_STACK_MIN);
      REQUIRE(::pthread_attr_setstacksize(&attributes, stack) == 0);
      pthread_t thread;
      REQUIRE(::pthread_create(&thread, &attributes, &run_task, &task) == 0);
      REQUIRE(::pthread_join(thread, nullptr) == 0);
      ::pthread_attr_destroy(&attributes);
      CHECK(task.scores == quiet_scores(file.path(), request, isa.name));
      CHECK(task.scores[0] >= 0);
    }
  }
}

TEST_CASE("fork: parent and child go on with the same model, user and scorer", "[caller]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 20, 10, 1), other = random_request(model, 20, 10, 2);
  auto user = UserState::create(model);
  auto scorer = Scorer::create(model);
  const auto history = request.history.columns(model), user_columns = request.user.columns(model),
             candidates = request.candidates.columns(model), later = other.candidates.columns(model);
  REQUIRE(user->set(user_columns, history).ok());
  std::vector<float> expected(20), expected_later(20), scores(20);
  REQUIRE(scorer->score(*user, later, expected_later).ok());
  REQUIRE(scorer->score(*user, candidates, expected).ok());
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const bool again = scorer->rescore(*user, scores).ok() && scores == expected;
    const bool next = scorer->score(*user, later, scores).ok() && scores == expected_later;
    ::_exit(again && next && quiet_scores(file.path(), request, "")[0] >= 0 ? 0 : 1);
  }
  std::thread thread([&] { (void)scorer->rescore(*user, scores); });
  thread.join();
  CHECK(scores == expected);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

}  // namespace dinghy::tests
