// The loss of scores for people, for programs, and as a picture.
#pragma once

#include <string>
#include <vector>

#include "converter/quantization/score_loss.h"
#include "converter/quantization/table_report.h"

namespace dinghy::converter {

/// For a terminal: one line for f32, each table alone, and all tables.
std::string score_loss_text(const ScoreLoss& loss);
/// For the provenance, one line.
std::string score_loss_note(const ScoreLoss& loss);
/// Tables and scores as JSON; `loss` may be missing.
std::string quantization_json(const std::vector<TableReport>& tables, const ScoreLoss* loss);
/// The |Δp| of all candidates, the largest first, on a logarithmic scale, as SVG.
std::string score_loss_svg(const ScoreLoss& loss);

}  // namespace dinghy::converter
