#include "converter/presets/untouched_norm.h"

#include <algorithm>

namespace dinghy::converter {

void report_untouched(Conversion& conversion, const NormRecipe& norm, const std::string& subject) {
  const auto all = [&](const std::string& name, double value) {
    const Tensor* tensor = conversion.checkpoint.find(name);
    return tensor && std::ranges::all_of(tensor->values(), [&](double number) { return number == value; });
  };
  if (!all(norm.mean, 0) || !all(norm.variance, 1)) return;
  conversion.found(subject, "mean 0 and variance 1, as training left them: kept", Certainty::file);
}

}  // namespace dinghy::converter
