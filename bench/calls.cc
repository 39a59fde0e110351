// What a call of the C API takes: dinghy-calls-bench MODEL, the same requests as JavaCalls.java, to be run beside it.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "dinghy/dinghy.h"

namespace {

constexpr std::int64_t kIds = 8;  // the fewest rows of a table of the golden models, without padding

/// Of the fastest batch, for each call.
template <class Call>
double nanoseconds(int number, const Call& call) {
  double fastest = 1e300;
  for (int batch = 0; batch < 2000; ++batch) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < number; ++i) call();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    fastest = std::min(fastest, took.count() / number);
  }
  return fastest;
}

/// Columns of all features for which `wanted` holds, each of the same ids.
template <class Wanted>
std::vector<dinghy_column> columns(const dinghy_model* model, const std::vector<std::int64_t>& ids,
                                   const Wanted& wanted) {
  std::vector<dinghy_column> all;
  for (std::uint32_t i = 0; i < dinghy_model_feature_count(model); ++i) {
    dinghy_feature feature{};
    feature.struct_size = sizeof feature;
    dinghy_model_feature(model, i, &feature, nullptr);
    if (wanted(feature)) all.push_back(dinghy_ids(i, ids.data(), ids.size()));
  }
  return all;
}

std::vector<std::int64_t> count_up(std::size_t size, std::int64_t step) {
  std::vector<std::int64_t> ids(size);
  for (std::size_t i = 0; i < size; ++i) ids[i] = 1 + step * static_cast<std::int64_t>(i) % kIds;
  return ids;
}

dinghy_code measure(const dinghy_model* model, dinghy_user_state* user, dinghy_scorer* scorer, std::size_t behaviors,
                    std::size_t candidates, dinghy_status* status) {
  const auto one = count_up(1, 1), seen_ids = count_up(behaviors, 1), page_ids = count_up(candidates, 7);
  const auto who = columns(model, one, [](const auto& f) { return f.role == DINGHY_ROLE_USER; });
  const auto seen = columns(model, seen_ids, [](const auto& f) { return f.in_history; });
  const auto page = columns(model, page_ids, [](const auto& f) { return f.role == DINGHY_ROLE_CANDIDATE; });
  std::vector<float> scores(candidates);
  dinghy_code code = DINGHY_OK;
  const auto set = [&] {
    const dinghy_code done = dinghy_user_state_set(user, who.data(), who.size(), seen.data(), seen.size(), status);
    if (done != DINGHY_OK) code = done;
  };
  const auto score = [&] {
    const dinghy_code done =
        dinghy_scorer_score(scorer, user, page.data(), page.size(), scores.data(), scores.size(), nullptr, 0, status);
    if (done != DINGHY_OK) code = done;
  };
  const int number = candidates == 0 ? 1000 : 50;
  const double set_took = nanoseconds(number, set), score_took = nanoseconds(number, score);
  std::printf("%3zu behaviours, %3zu candidates: set %.0f ns, score %.0f ns\n", behaviors, candidates, set_took,
              score_took);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  dinghy_status status{};
  dinghy_model* model = nullptr;
  dinghy_user_state* user = nullptr;
  dinghy_scorer* scorer = nullptr;
  dinghy_code code = dinghy_model_open(argc == 2 ? argv[1] : "", &model, &status);
  if (code == DINGHY_OK) code = dinghy_user_state_create(model, nullptr, &user, &status);
  if (code == DINGHY_OK) code = dinghy_scorer_create(model, nullptr, &scorer, &status);
  if (code == DINGHY_OK) std::printf("C, engine %s, %s\n", dinghy_version(), dinghy_scorer_isa(scorer));
  for (const auto& [behaviors, candidates] : {std::pair<std::size_t, std::size_t>{0, 0}, {5, 3}, {50, 100}}) {
    if (code == DINGHY_OK) code = measure(model, user, scorer, behaviors, candidates, &status);
  }
  if (code != DINGHY_OK) std::fprintf(stderr, "dinghy-calls-bench: %s\n", status.message);
  dinghy_scorer_free(scorer);
  dinghy_user_state_free(user);
  dinghy_model_free(model);
  return code == DINGHY_OK ? 0 : 1;
}
