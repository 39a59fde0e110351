// What all parts of the conversion of a graph share.
#pragma once

#include "converter/error.h"
#include "converter/presets/codes/onnx/graph_score.h"
#include "converter/presets/conversion.h"

namespace dinghy::converter {

struct GraphConversion {
  Conversion& conversion;
  const GraphScore& score;
  Expressions& expressions;

  /// Throws Error at the node that made the expression.
  [[noreturn]] void fail(const Expression* at, const std::string& what) const {
    const auto place = score.places.find(at);
    const std::string node = place != score.places.end() ? ": " + place->second
                             : at->name.empty()          ? ""
                                                         : ": " + at->name;
    throw Error(conversion.checkpoint.path + node, what);
  }
};

}  // namespace dinghy::converter
