// What `dinghy score` answers to a request: one JSON line.
#pragma once

#include <string>

#include "converter/requests/request_scorer.h"

namespace dinghy::converter {

/// {"scores": [0.5], "attention": [[0.25, 0.75]]} and a newline. Attention, when asked for, is a list over candidates
/// of lists over behaviours; with several interests a list of those.
std::string score_line(const RequestScores& scores, bool with_attention);

}  // namespace dinghy::converter
