// In place of the readers' own process for libhdf5, which damaged bytes break by design, after seconds or minutes: the
// targets of any bytes leave Keras' files to the target keras_weights.
#include "converter/error.h"
#include "converter/readers/keras/isolated.h"

std::string dinghy::converter::run_isolated(const std::function<std::string()>&, const std::string& where) {
  throw Error(where, "is left to keras_weights");
}
