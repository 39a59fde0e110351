#include "converter/readers/keras/h5_handle.h"

#include "converter/error.h"

namespace dinghy::converter {

std::int64_t good(std::int64_t result, const std::string& where) {
  if (result < 0) throw Error(where, "cannot be read; the file is damaged");
  return result;
}

}  // namespace dinghy::converter
