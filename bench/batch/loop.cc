// dinghy-batch-loop MODEL REQUESTS: what bench/batch/compare.py holds Model.score_arrow against: a loop over requests
// in C++, out of memory as an application has it. REQUESTS, of 64-bit integers: how many there are, and for each the
// user, the numbers of behaviours and candidates, items and categories of the behaviours, items and categories of the
// candidates. Answers the lines of standard input:
//   time     seconds of the processor for all requests
//   scores   all scores
#include <ctime>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "dinghy/scorer.h"
#include "dinghy/user_state.h"

namespace dinghy::bench {
namespace {

void check(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.message());
}

std::vector<std::int64_t> read_numbers(const char* path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(file.tellg()) / sizeof(std::int64_t));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(numbers.data()),
            static_cast<std::streamsize>(numbers.size() * sizeof(std::int64_t)));
  if (!file) throw std::runtime_error("cannot read the requests");
  return numbers;
}

struct Request {
  std::span<const std::int64_t> user, history[2], candidates[2];  // items and categories
};

std::vector<Request> requests_of(std::span<const std::int64_t> numbers) {
  const auto take = [&numbers](std::size_t count) {
    const auto taken = numbers.first(count);
    numbers = numbers.subspan(count);
    return taken;
  };
  std::vector<Request> requests(static_cast<std::size_t>(take(1)[0]));
  for (Request& request : requests) {
    request.user = take(1);
    const auto sizes = take(2);
    for (auto& column : request.history) column = take(static_cast<std::size_t>(sizes[0]));
    for (auto& column : request.candidates) column = take(static_cast<std::size_t>(sizes[1]));
  }
  return requests;
}

class Loop {
 public:
  Loop(const Model& model, std::vector<Request> requests) : requests_(std::move(requests)) {
    std::size_t behaviours = 0, candidates = 0;
    for (const Request& request : requests_) {
      behaviours = std::max(behaviours, request.history[0].size());
      candidates = std::max(candidates, request.candidates[0].size());
      size_ += request.candidates[0].size();
    }
    auto user = UserState::create(model, {.max_history = behaviours});
    check(user.status());
    user_.emplace(std::move(*user));
    auto scorer = Scorer::create(model, {.max_candidates = candidates, .max_history = behaviours});
    check(scorer.status());
    scorer_.emplace(std::move(*scorer));
    user_number_ = model.feature("user").value();
    numbers_[0] = model.feature("item").value();
    numbers_[1] = model.feature("category").value();
  }

  std::vector<float> run() {
    std::vector<float> scores(size_);
    std::span<float> rest = scores;
    for (const Request& request : requests_) {
      const Column who[] = {Column::ids(user_number_, request.user)};
      const Column seen[] = {Column::ids(numbers_[0], request.history[0]),
                             Column::ids(numbers_[1], request.history[1])};
      const Column page[] = {Column::ids(numbers_[0], request.candidates[0]),
                             Column::ids(numbers_[1], request.candidates[1])};
      check(user_->set(who, seen));
      check(scorer_->score(*user_, page, rest.first(request.candidates[0].size())));
      rest = rest.subspan(request.candidates[0].size());
    }
    return scores;
  }

 private:
  std::vector<Request> requests_;
  std::size_t size_ = 0;
  std::optional<UserState> user_;
  std::optional<Scorer> scorer_;
  std::uint32_t user_number_ = 0, numbers_[2] = {};
};

double seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void serve(Loop& loop) {
  char line[16];
  std::printf("ready\n");
  std::fflush(stdout);
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    const double began = seconds();
    const std::vector<float> scores = loop.run();
    const double took = seconds() - began;
    if (std::strncmp(line, "time", 4) == 0) {
      std::printf("%.9f", took);
    } else {
      for (const float score : scores) std::printf("%.9g ", static_cast<double>(score));
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace dinghy::bench

int main(int argc, char** argv) {
  using namespace dinghy::bench;
  if (argc != 3) {
    std::fprintf(stderr, "usage: dinghy-batch-loop MODEL REQUESTS\n");
    return 2;
  }
  try {
    auto model = dinghy::Model::open(argv[1]);
    check(model.status());
    const std::vector<std::int64_t> numbers = read_numbers(argv[2]);
    Loop loop(*model, requests_of(numbers));
    serve(loop);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dinghy-batch-loop: %s\n", error.what());
    return 1;
  }
}
