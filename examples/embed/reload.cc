// A server's skeleton: threads score without a pause while each line on the standard input loads the model file anew.
//
// usage: reload demo.dinghy
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "current_model.h"

namespace {

using dinghy::Column;
using dinghy::Status;

/// One request of the demo's shop, as in score.cc, on the features of the worker's model.
Status score_request(Worker& worker, float (&scores)[3]) {
  if (const Status status = worker.refresh(); !status) return status;
  const auto number = [&](const char* name) { return worker.model().feature(name).value_or(0); };
  static constexpr std::int64_t kCustomer[] = {150};
  static constexpr std::int64_t kSeen[] = {180, 188, 187, 297, 55}, kSeenCategories[] = {8, 8, 8, 12, 3};
  static constexpr std::int64_t kPage[] = {289, 65, 195}, kPageCategories[] = {12, 3, 8};
  const Column features[] = {Column::ids(number("user"), kCustomer)};
  const Column history[] = {Column::ids(number("item"), kSeen), Column::ids(number("category"), kSeenCategories)};
  const Column candidates[] = {Column::ids(number("item"), kPage), Column::ids(number("category"), kPageCategories)};
  if (const Status status = worker.user().set(features, history); !status) return status;
  return worker.scorer().score(worker.user(), candidates, scores);
}

}  // namespace

int main(int argc, char** argv) {
  const char* const path = argc == 2 ? argv[1] : "demo.dinghy";
  auto model = dinghy::Model::open(path);
  if (!model) return std::fprintf(stderr, "reload: %s\n", model.status().message()), 1;
  CurrentModel current(*model);

  std::atomic<bool> stop{false};
  std::atomic<unsigned> scored{0}, failed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Worker worker(current);
      float scores[3];
      do ++(score_request(worker, scores) ? scored : failed);
      while (!stop);
    });
  }
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c != '\n') continue;
    auto opened = dinghy::Model::open(path);  // a file that does not open leaves the model as it is
    if (opened) current.replace(*opened);
    std::printf("%s\n", opened ? "replaced" : opened.status().message());
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  std::printf("%s\n", scored >= threads.size() && failed == 0 ? "all requests scored" : "a request failed");
  return failed == 0 ? 0 : 1;
}
