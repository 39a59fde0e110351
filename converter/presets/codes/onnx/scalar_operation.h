// What ONNX' elementwise operations do to one number.
#pragma once

#include <string>

namespace dinghy::converter {

struct ScalarOperation {
  const char* name;  // ONNX' own
  int operands;
  double (*apply)(double a, double b, double c);
};

/// nullptr for operations that are not elementwise, or not known.
const ScalarOperation* find_scalar_operation(const std::string& name);

}  // namespace dinghy::converter
