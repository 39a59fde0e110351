#include "dinghy/status.h"

#include <cstdarg>
#include <cstdio>

namespace dinghy {

Status Status::error(Code code, const char* format, ...) noexcept {
  Status status;
  status.code_ = code;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(status.message_, kMessageSize, format, arguments);
  va_end(arguments);
  return status;
}

}  // namespace dinghy
