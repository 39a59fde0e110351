// How good scores are, measured against labels: AUC, AUC by group, log loss, calibration.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dinghy::converter {

/// One candidate that was shown: what the model said, and whether it was clicked.
struct Impression {
  float score = 0;
  bool clicked = false;
  std::uint32_t group = 0;  // user
};

/// The chance that a clicked impression scores higher than one that was not; equal scores count half. Exact. Nothing
/// when one of the two classes is missing.
std::optional<double> auc(std::span<const Impression> impressions);

/// AUC by group, averaged with the groups' impressions as weights, over the groups that have both classes.
struct GroupAuc {
  std::optional<double> value;     // nothing when no group has both classes
  std::size_t groups = 0;          // all
  std::size_t groups_counted = 0;  // those with both classes
  std::size_t impressions_counted = 0;
};
GroupAuc group_auc(std::span<const Impression> impressions);

/// Mean of -log(probability of what happened); scores are kept away from 0 and 1 by float's epsilon, as their own
/// rounding may have put them there. `impressions` is not empty.
double log_loss(std::span<const Impression> impressions);

/// The impressions whose scores fall into [begin, end); the last bin includes its end.
struct CalibrationBin {
  double begin = 0;
  double end = 0;
  std::size_t impressions = 0;
  double mean_score = 0;
  double mean_label = 0;
};

struct Calibration {
  double mean_score = 0;
  double mean_label = 0;
  std::vector<CalibrationBin> bins;  // ten of equal width over [0, 1]; scores outside count in the outer ones
};
/// `impressions` is not empty.
Calibration calibration(std::span<const Impression> impressions);

}  // namespace dinghy::converter
