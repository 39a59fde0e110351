// dinghy-peer-worker MODEL REQUESTS ISA [rerank]: Dinghy, as bench/peers/compare.py drives every engine. REQUESTS is a
// folder of .npy files that dinghy-make-workloads wrote. Answers the lines of standard input:
//   time FIRST COUNT   nanoseconds of each of COUNT requests from FIRST on: ids in, scores out
//   scores FIRST       the scores of one request
// With `rerank` the time is that of one behaviour more for the request's user and the same candidates ranked again.
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "converter/error.h"
#include "converter/readers/numpy/npy.h"
#include "dinghy/scorer.h"
#include "dinghy/user_state.h"

namespace dinghy::bench {
namespace {

void check(const Status& status) {
  if (!status.ok()) throw converter::Error("dinghy", status.message());
}

/// One column of all requests.
struct Ids {
  std::uint32_t feature;
  std::size_t requests;
  std::size_t count;  // in a request
  std::vector<std::int64_t> ids;

  /// The first `rows` of a request; after the last request comes the first one.
  Column of(std::size_t request, std::size_t rows) const {
    return Column::ids(feature, std::span(ids).subspan(request % requests * count, rows));
  }
};

Ids read_ids(std::uint32_t feature, const std::filesystem::path& file) {
  const converter::Tensor tensor = converter::read_npy_file(file.string()).tensors.at(0);
  const std::vector<double> numbers = tensor.values();
  return {feature,
          static_cast<std::size_t>(tensor.shape.at(0)),
          static_cast<std::size_t>(tensor.shape.at(1)),
          {numbers.begin(), numbers.end()}};
}

class Worker {
 public:
  Worker(const char* model, const std::filesystem::path& requests, const char* isa, bool rerank)
      : model_(open(model)), rerank_(rerank) {
    for (std::uint32_t f = 0; f < model_.features().size(); ++f) {
      const Feature& feature = model_.features()[f];
      const std::string name(feature.name);
      (feature.role == Role::user ? user_ : candidates_).push_back(read_ids(f, requests / (name + ".npy")));
      if (feature.in_history) history_.push_back(read_ids(f, requests / ("history_" + name + ".npy")));
    }
    const std::size_t behaviours = history_.at(0).count;
    scores_.resize(candidates_.at(0).count);
    auto state = UserState::create(model_, {.max_history = behaviours, .isa = isa});
    check(state.status());
    state_.emplace(std::move(*state));
    auto scorer = Scorer::create(model_, {.max_candidates = scores_.size(), .max_history = behaviours, .isa = isa});
    check(scorer.status());
    scorer_.emplace(std::move(*scorer));
  }

  const std::vector<float>& score(std::size_t request) {
    fill(columns_, user_, request);
    fill(history_columns_, history_, request);
    check(state_->set(columns_, history_columns_));
    fill(columns_, candidates_, request);
    check(scorer_->score(*state_, columns_, scores_));
    return scores_;
  }

  long long time(std::size_t request) {
    if (rerank_) score(request);
    const auto begin = std::chrono::steady_clock::now();
    if (rerank_) {
      score_one_more(request);
    } else {
      score(request);
    }
    return std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count();
  }

 private:
  static Model open(const char* path) {
    auto model = Model::open(path);
    check(model.status());
    return *model;
  }

  static void fill(std::vector<Column>& columns, const std::vector<Ids>& from, std::size_t request) {
    columns.clear();
    for (const Ids& ids : from) columns.push_back(ids.of(request, ids.count));
  }

  /// The new behaviour is the first one of the next request's history.
  void score_one_more(std::size_t request) {
    columns_.clear();
    for (const Ids& ids : history_) columns_.push_back(ids.of(request + 1, 1));
    check(state_->append(columns_));
    check(scorer_->rescore(*state_, scores_));
  }

  Model model_;
  bool rerank_;
  std::vector<Ids> user_, history_, candidates_;
  std::vector<Column> columns_, history_columns_;
  std::vector<float> scores_;
  std::optional<UserState> state_;
  std::optional<Scorer> scorer_;
};

void serve(Worker& worker) {
  char line[128];
  std::printf("ready\n");
  std::fflush(stdout);
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    std::size_t first = 0, count = 0;
    if (std::sscanf(line, "time %zu %zu", &first, &count) == 2) {
      std::vector<long long> times(count);  // printed after the last: a write disturbs what is measured next
      for (std::size_t i = 0; i < count; ++i) times[i] = worker.time(first + i);
      for (const long long time : times) std::printf("%lld ", time);
    } else if (std::sscanf(line, "scores %zu", &first) == 1) {
      for (const float score : worker.score(first)) std::printf("%.9g ", static_cast<double>(score));
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace dinghy::bench

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: dinghy-peer-worker MODEL REQUESTS ISA [rerank]\n");
    return 2;
  }
  try {
    dinghy::bench::Worker worker(argv[1], argv[2], argv[3], argc > 4);
    dinghy::bench::serve(worker);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dinghy-peer-worker: %s\n", error.what());
    return 1;
  }
}
