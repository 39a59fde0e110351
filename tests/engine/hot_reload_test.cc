#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "examples/embed/current_model.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

namespace fs = std::filesystem;

/// Mappings of the file that is or was called `path`; the system adds " (deleted)" to those that were replaced.
std::size_t mappings_of(const std::string& path) {
  std::ifstream maps("/proc/self/maps");
  const std::string text((std::istreambuf_iterator<char>(maps)), std::istreambuf_iterator<char>());
  std::size_t count = 0;
  for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path, at + 1)) {
    count += text.compare(at + path.size(), 1, "\n") == 0 || text.compare(at + path.size(), 1, " ") == 0;
  }
  return count;
}

}  // namespace

TEST_CASE("hot reload: while a file is replaced again and again, every request gets the scores of one model or other",
          "[scoring]") {
  constexpr std::size_t kThreads = 4, kReplacements = 20;
  const ModelFile served(Shape{}), even(Shape{}), odd(Shape{.seed = 2});
  const Request request = random_request(served.open(), 20, 15, 1);
  const std::vector<float> scores_of_even = score(even.open(), request, "").scores,
                           scores_of_odd = score(odd.open(), request, "").scores;
  REQUIRE(scores_of_even != scores_of_odd);

  {
    CurrentModel current(served.open());
    std::atomic<std::size_t> from_even{0}, from_odd{0}, wrong{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        Worker worker(current);
        std::vector<float> scores(request.rows);
        while (!stop) {
          if (!worker.refresh() ||
              !worker.user().set(request.user.columns(worker.model()), request.history.columns(worker.model())) ||
              !worker.scorer().score(worker.user(), request.candidates.columns(worker.model()), scores)) {
            ++wrong;
          } else {
            ++(scores == scores_of_even ? from_even : scores == scores_of_odd ? from_odd : wrong);
          }
        }
      });
    }
    // Each replacement waits until the one before has been used, so that both kinds are.
    std::size_t unopened = 0;
    for (std::size_t n = 1; n <= kReplacements; ++n) {
      const auto& used = n % 2 == 1 ? from_even : from_odd;
      for (const std::size_t before = used; used == before && wrong == 0;) std::this_thread::yield();
      fs::copy_file(n % 2 == 1 ? odd.path() : even.path(), served.path() + ".new");
      fs::rename(served.path() + ".new", served.path());
      auto opened = Model::open(served.path().c_str());
      if (!opened.ok()) ++unopened;
      if (opened.ok()) current.replace(*opened);
    }
    stop = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(unopened == 0);
    CHECK(wrong == 0);
    CHECK(from_even >= kReplacements / 2);
    CHECK(from_odd >= kReplacements / 2 - 1);
    CHECK(mappings_of(served.path()) == 1);  // the old ones went with their last workers
  }
  CHECK(mappings_of(served.path()) == 0);
}

TEST_CASE("hot reload: a user state of the old model is refused by a scorer of the new one, never scored",
          "[scoring]") {
  const ModelFile first(Shape{}), second(Shape{});
  CurrentModel current(first.open());
  Worker worker(current);
  REQUIRE(worker.refresh().ok());
  const Request request = random_request(worker.model(), 5, 5, 1);
  const auto candidates = request.candidates.columns(worker.model());
  REQUIRE(worker.user().set(request.user.columns(worker.model()), request.history.columns(worker.model())).ok());
  std::vector<float> scores(5);
  REQUIRE(worker.scorer().score(worker.user(), candidates, scores).ok());
  current.replace(second.open());
  CHECK(worker.scorer().score(worker.user(), candidates, scores).ok());  // the old model, until refresh()

  UserState old = std::move(worker.user());
  worker.user() = std::move(*UserState::create(worker.model()));
  REQUIRE(worker.refresh().ok());
  CHECK(worker.scorer().score(old, candidates, scores).code() == Code::invalid_argument);
}

}  // namespace dinghy::tests
