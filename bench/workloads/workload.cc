#include "bench/workloads/workload.h"

namespace dinghy::bench {
namespace {

using enum format::ActivationKind;

constexpr NetworkShape kPhone = {16, 16, sigmoid, sigmoid, {80, 40}, 50'000, 400, 10'000};
// Of the size of Amazon's reviews of beauty products: 22,363 users, 12,101 items.
constexpr NetworkShape kPhoneDice = {16, 16, gate, gate, {200, 80}, 12'000, 200, 22'000};
constexpr NetworkShape kSingle = {18, 18, sigmoid, gate, {200, 80}, 50'000, 400, 10'000};
constexpr NetworkShape kRank = {64, 64, sigmoid, sigmoid, {80, 40}, 90'000, 400, 10'000};
// As many categories as items, so that none comes twice in a request: what the engine computes once per distinct value
// is all there is to compute.
constexpr NetworkShape kFresh = {64, 64, sigmoid, sigmoid, {80, 40}, 90'000, 90'000, 10'000};
constexpr NetworkShape kRankDice = {64, 64, gate, gate, {80, 40}, 90'000, 400, 10'000};
// 4 million rows of 72 bytes: 288 MB of items.
constexpr NetworkShape kCold = {18, 18, sigmoid, gate, {200, 80}, 4'000'000, 400, 10'000};

// Long histories: keys of 64.
constexpr NetworkShape kLong = {32, 32, sigmoid, sigmoid, {80, 40}, 90'000, 400, 10'000};
constexpr NetworkShape kLongFresh = {32, 32, sigmoid, sigmoid, {80, 40}, 90'000, 90'000, 10'000};

// 17 million rows of 256 bytes: 4.35 GB of items.
constexpr NetworkShape kHuge = {64, 64, sigmoid, sigmoid, {80, 40}, 17'000'000, 400, 10'000};

constexpr Workload kWorkloads[] = {
    {"W0", kPhone, 10, 50, false},
    {"W1", kSingle, 1, 50, false},
    {"W2", kRank, 100, 100, false},
    {"W0-dice", kPhoneDice, 20, 50, false},
    {"W2-dice", kRankDice, 100, 100, false},
    {"W2-fresh", kFresh, 100, 100, false},
    {"W3", kRank, 500, 100, false},
    {"W3-fresh", kFresh, 500, 100, false},
    {"W4", kCold, 1, 50, false},
    {"W6", kRank, 100, 100, true},
    {"W7", kLong, 100, 1'000, false},
    {"W7-5000", kLong, 100, 5'000, false},
    {"W7-append", kLong, 100, 1'000, true},
    {"W7-5000-append", kLong, 100, 5'000, true},
    {"W7-fresh-100", kLongFresh, 100, 100, false},
    {"W7-fresh", kLongFresh, 100, 1'000, false},
    {"W7-fresh-5000", kLongFresh, 100, 5'000, false},
};
constexpr Workload kHugeWorkload = {"W5", kHuge, 100, 100, false};

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }

const Workload* find_workload(std::string_view name) {
  for (const Workload& workload : kWorkloads) {
    if (workload.name == name) return &workload;
  }
  return kHugeWorkload.name == name ? &kHugeWorkload : nullptr;
}

std::uint64_t folded_multiply_adds(const Workload& workload) {
  const NetworkShape& shape = workload.network;
  const std::uint64_t width = shape.width(), first = kAttentionWidths[0], second = kAttentionWidths[1];
  const std::uint64_t pair = width * first + first * second + second + width;  // the last: the weighted sum
  const std::uint64_t fold = 2 * width * first;                                // E(q) and the query's part
  const std::uint64_t tower =
      2 * width * shape.tower_widths[0] + shape.tower_widths[0] * shape.tower_widths[1] + shape.tower_widths[1];
  const std::uint64_t user = shape.item_width * shape.tower_widths[0];
  if (workload.appends) return workload.candidates * (pair + fold + tower);
  return workload.candidates * (workload.history * pair + fold + tower) + user;
}

}  // namespace dinghy::bench
