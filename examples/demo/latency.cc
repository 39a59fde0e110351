// What a request of the demo costs: the page of request.jsonl, scored again and again on every ISA of this machine, or
// on the engine's choice alone.
//
// usage: latency demo.dinghy [--fastest]
#include <dinghy/isa.h>
#include <dinghy/scorer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using dinghy::Column;

// The request of request.jsonl, with the ids as an app has them.
constexpr std::array<std::int64_t, 1> kUser = {150};
constexpr std::array<std::int64_t, 19> kHistoryItems = {180, 188, 187, 297, 55, 213, 63, 296, 285, 289,
                                                        297, 298, 187, 213, 92, 204, 65, 207, 172};
constexpr std::array<std::int64_t, 19> kHistoryCategories = {8,  8,  8, 12, 3, 9, 3, 12, 12, 12,
                                                             12, 12, 8, 9,  4, 9, 3, 9,  7};
constexpr std::array<std::int64_t, 8> kItems = {289, 65, 210, 195, 254, 204, 102, 187};
constexpr std::array<std::int64_t, 8> kCategories = {12, 3, 9, 8, 11, 9, 5, 8};
constexpr int kRepetitions = 2000;

/// Ends the program with the message of a call that failed.
void require(const dinghy::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "latency: %s\n", status.message());
  std::exit(1);
}

/// The number of a feature that the demo's model must have.
std::uint32_t number_of(const dinghy::Model& model, const char* name) {
  if (const auto feature = model.feature(name)) return *feature;
  std::fprintf(stderr, "latency: the model has no feature '%s': is it the demo's?\n", name);
  std::exit(1);
}

double microseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

/// Scores the page on one ISA (empty: the engine's choice), many times, and prints the first score and the latency of
/// the whole request.
void time_isa(const dinghy::Model& model, std::string_view isa) {
  const std::uint32_t user_id = number_of(model, "user");
  const std::uint32_t item = number_of(model, "item");
  const std::uint32_t category = number_of(model, "category");

  auto user = dinghy::UserState::create(model, {.max_history = 50, .isa = isa});
  auto scorer = dinghy::Scorer::create(model, {.max_candidates = 100, .max_history = 50, .isa = isa});
  require(user.status());
  require(scorer.status());

  const Column features[] = {Column::ids(user_id, kUser)};
  const Column history[] = {Column::ids(item, kHistoryItems), Column::ids(category, kHistoryCategories)};
  const Column candidates[] = {Column::ids(item, kItems), Column::ids(category, kCategories)};
  std::array<float, kItems.size()> scores;
  std::vector<double> times(kRepetitions);
  for (double& time : times) {
    const auto start = std::chrono::steady_clock::now();
    require(user->set(features, history));
    require(scorer->score(*user, candidates, scores));
    time = microseconds_since(start);
  }
  std::sort(times.begin(), times.end());
  std::printf("  %-11s  first score %.6f   %8.1f us (median)  %8.1f us (99th percentile)\n",
              std::string(scorer->isa()).c_str(), scores[0], times[times.size() / 2], times[times.size() * 99 / 100]);
}

}  // namespace

int main(int argc, char** argv) {
  const bool fastest = argc == 3 && std::strcmp(argv[2], "--fastest") == 0;
  if (argc != 2 && !fastest) {
    std::fprintf(stderr, "usage: latency demo.dinghy [--fastest]\n");
    return 2;
  }
  const auto model = dinghy::Model::open(argv[1]);
  require(model.status());
  if (fastest) {
    time_isa(*model, {});
    return 0;
  }
  std::printf("%zu candidates, %zu behaviours, one thread, user state included:\n", kItems.size(),
              kHistoryItems.size());
  for (const dinghy::Isa& isa : dinghy::isas()) {
    if (isa.available) time_isa(*model, isa.name);
  }
}
