#include "converter/evaluation/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dinghy::converter {
namespace {

/// Walks sorted scores in runs of equal ones: a clicked impression beats all not-clicked ones below its run and half of
/// those in it. Whole numbers until the division, so that ties and order cannot change the result.
std::optional<double> auc_of_sorted(std::span<const Impression> sorted) {
  std::uint64_t clicked = 0;
  std::uint64_t others = 0;
  std::uint64_t doubled_wins = 0;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin;
    std::uint64_t run_clicked = 0;
    while (end < sorted.size() && sorted[end].score == sorted[begin].score) run_clicked += sorted[end++].clicked;
    const std::uint64_t run_others = end - begin - run_clicked;
    doubled_wins += run_clicked * (2 * others + run_others);
    clicked += run_clicked;
    others += run_others;
    begin = end;
  }
  if (clicked == 0 || others == 0) return std::nullopt;
  return static_cast<double>(doubled_wins) / 2 / static_cast<double>(clicked) / static_cast<double>(others);
}

}  // namespace

std::optional<double> auc(std::span<const Impression> impressions) {
  std::vector<Impression> sorted(impressions.begin(), impressions.end());
  std::sort(sorted.begin(), sorted.end(), [](const Impression& a, const Impression& b) { return a.score < b.score; });
  return auc_of_sorted(sorted);
}

GroupAuc group_auc(std::span<const Impression> impressions) {
  std::vector<Impression> sorted(impressions.begin(), impressions.end());
  std::sort(sorted.begin(), sorted.end(), [](const Impression& a, const Impression& b) {
    return a.group != b.group ? a.group < b.group : a.score < b.score;
  });
  GroupAuc result;
  double weighted = 0;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin;
    while (end < sorted.size() && sorted[end].group == sorted[begin].group) ++end;
    ++result.groups;
    if (const auto value = auc_of_sorted(std::span(sorted).subspan(begin, end - begin))) {
      ++result.groups_counted;
      result.impressions_counted += end - begin;
      weighted += *value * static_cast<double>(end - begin);
    }
    begin = end;
  }
  if (result.groups_counted) result.value = weighted / static_cast<double>(result.impressions_counted);
  return result;
}

double log_loss(std::span<const Impression> impressions) {
  constexpr double kEpsilon = std::numeric_limits<float>::epsilon();
  double sum = 0;
  for (const Impression& impression : impressions) {
    const double score = std::clamp(static_cast<double>(impression.score), kEpsilon, 1 - kEpsilon);
    sum -= std::log(impression.clicked ? score : 1 - score);
  }
  return sum / static_cast<double>(impressions.size());
}

Calibration calibration(std::span<const Impression> impressions) {
  constexpr int kBins = 10;
  Calibration result;
  for (int i = 0; i < kBins; ++i) result.bins.push_back({.begin = i / 10.0, .end = (i + 1) / 10.0});
  for (const Impression& impression : impressions) {
    const double score = impression.score;
    const auto bin = static_cast<std::size_t>(std::clamp(std::floor(score * kBins), 0.0, kBins - 1.0));
    ++result.bins[bin].impressions;
    result.bins[bin].mean_score += score;
    result.bins[bin].mean_label += impression.clicked;
    result.mean_score += score;
    result.mean_label += impression.clicked;
  }
  for (CalibrationBin& bin : result.bins) {
    if (bin.impressions == 0) continue;
    bin.mean_score /= static_cast<double>(bin.impressions);
    bin.mean_label /= static_cast<double>(bin.impressions);
  }
  result.mean_score /= static_cast<double>(impressions.size());
  result.mean_label /= static_cast<double>(impressions.size());
  return result;
}

}  // namespace dinghy::converter
