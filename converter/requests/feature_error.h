// A request that names other features than the model has: of a conversion, what its recipe may mend.
#pragma once

#include "converter/error.h"

namespace dinghy::converter {

class FeatureError : public Error {
 public:
  using Error::Error;
};

}  // namespace dinghy::converter
