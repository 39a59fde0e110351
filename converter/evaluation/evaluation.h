// The result of `dinghy eval`, and its two forms: text for people, JSON for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "converter/evaluation/metrics.h"

namespace dinghy::converter {

struct Evaluation {
  std::uint64_t requests = 0;
  std::uint64_t impressions = 0;
  std::uint64_t clicked = 0;
  std::string isa;
  std::optional<double> auc;
  std::string user_feature;  // empty: no feature tells users apart, and `by_user` is not set
  GroupAuc by_user;
  double log_loss = 0;
  Calibration calibration;
};

std::string evaluation_text(const Evaluation& evaluation);
std::string evaluation_json(const Evaluation& evaluation);

}  // namespace dinghy::converter
