#include "converter/evaluation/evaluation.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "converter/text/json_document.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::ordered_json;

/// printf into a string; lines of the report are short.
template <class... Values>
std::string line(const char* format, Values... values) {
  char buffer[200];
  std::snprintf(buffer, sizeof(buffer), format, values...);
  return buffer;
}

std::string decimal(std::optional<double> value) { return value ? line("%.6f", *value) : "undefined"; }

/// How many times more clicks were predicted than happened.
std::optional<double> ratio(const Calibration& calibration) {
  if (calibration.mean_label == 0) return std::nullopt;
  return calibration.mean_score / calibration.mean_label;
}

Json nullable(std::optional<double> value) { return value ? Json(*value) : Json(nullptr); }

std::string user_line(const Evaluation& evaluation) {
  if (evaluation.user_feature.empty()) {
    return "GAUC         undefined: no user feature; name one with --user-feature\n";
  }
  const GroupAuc& groups = evaluation.by_user;
  return line("GAUC         %s (%zu of %zu users by ", decimal(groups.value).c_str(), groups.groups_counted,
              groups.groups) +
         evaluation.user_feature + line(" have both classes, %zu impressions)\n", groups.impressions_counted);
}

}  // namespace

std::string evaluation_text(const Evaluation& evaluation) {
  const Calibration& calibration = evaluation.calibration;
  std::string text = line("requests     %llu\n", static_cast<unsigned long long>(evaluation.requests));
  text += line("impressions  %llu, %llu clicked\n", static_cast<unsigned long long>(evaluation.impressions),
               static_cast<unsigned long long>(evaluation.clicked));
  text += line("isa          %s\n", evaluation.isa.c_str());
  text += line("AUC          %s\n", decimal(evaluation.auc).c_str());
  text += user_line(evaluation);
  text += line("log loss     %.6f\n", evaluation.log_loss);
  text += line("calibration  %s (mean score %.6f / mean label %.6f)\n\n", decimal(ratio(calibration)).c_str(),
               calibration.mean_score, calibration.mean_label);
  text += "score      impressions  mean score  mean label\n";
  for (const CalibrationBin& bin : calibration.bins) {
    text += line("%.1f - %.1f  %11zu", bin.begin, bin.end, bin.impressions);
    text += bin.impressions ? line("  %10.6f  %10.6f\n", bin.mean_score, bin.mean_label) : "           -           -\n";
  }
  return text;
}

std::string evaluation_json(const Evaluation& evaluation) {
  const Calibration& calibration = evaluation.calibration;
  Json bins = Json::array();
  for (const CalibrationBin& bin : calibration.bins) {
    const bool empty = bin.impressions == 0;
    bins.push_back({{"begin", bin.begin},
                    {"end", bin.end},
                    {"impressions", bin.impressions},
                    {"mean_score", empty ? Json(nullptr) : Json(bin.mean_score)},
                    {"mean_label", empty ? Json(nullptr) : Json(bin.mean_label)}});
  }
  Json gauc = nullptr;
  if (!evaluation.user_feature.empty()) {
    gauc = {{"value", nullable(evaluation.by_user.value)},
            {"user_feature", evaluation.user_feature},
            {"users", evaluation.by_user.groups},
            {"users_counted", evaluation.by_user.groups_counted},
            {"impressions_counted", evaluation.by_user.impressions_counted}};
  }
  const Json object = {{"requests", evaluation.requests},
                       {"impressions", evaluation.impressions},
                       {"clicked", evaluation.clicked},
                       {"isa", evaluation.isa},
                       {"auc", nullable(evaluation.auc)},
                       {"gauc", gauc},
                       {"log_loss", evaluation.log_loss},
                       {"calibration",
                        {{"ratio", nullable(ratio(calibration))},
                         {"mean_score", calibration.mean_score},
                         {"mean_label", calibration.mean_label},
                         {"bins", bins}}}};
  return json_document(object);
}

}  // namespace dinghy::converter
