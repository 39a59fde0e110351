// The mean of a history as graphs write it: a sum of rows divided by how many behaviours count.
#pragma once

#include "converter/presets/codes/onnx/weight_form.h"

namespace dinghy::converter {

struct HistoryMean {
  const Expression* sum = nullptr;    // of the rows of behaviours
  const Expression* count = nullptr;  // a sum of marks, or the input that is the length
};

/// Whether `sum` adds up one number at each place that depends on inputs alone, as what counts behaviours does.
bool is_count(const Expression* sum);

/// nullopt where `quotient` is no such mean: a number of behaviours may be kept from 0, by a bound or by a small
/// number.
std::optional<HistoryMean> history_mean_of(const Expression* quotient);

/// Throws Error at `quotient` where the count is not that of the behaviours that `mask` lets into the sum.
void check_count(const GraphConversion& graph, const Expression* quotient, const Expression* count,
                 const HistoryMask& mask);

}  // namespace dinghy::converter
