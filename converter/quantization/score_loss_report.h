// The loss of scores for people, for programs, and as a picture.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "converter/quantization/score_loss.h"
#include "converter/quantization/table_report.h"

namespace dinghy::converter {

/// For a terminal: one line for f32, each table alone, and all tables.
std::string score_loss_text(const ScoreLoss& loss);
/// For the provenance, one line.
std::string score_loss_note(const ScoreLoss& loss);
/// Adds "tables" and, where there is a loss, "scores".
void add_quantization(nlohmann::ordered_json& report, const std::vector<TableReport>& tables, const ScoreLoss* loss);
/// The |Δp| of all candidates, the largest first, on a logarithmic scale, as SVG.
std::string score_loss_svg(const ScoreLoss& loss);

}  // namespace dinghy::converter
