// Calls of the engine that have to succeed: programs that measure end with the engine's message.
#pragma once

#include <stdexcept>
#include <utility>

#include "dinghy/status.h"

namespace dinghy::bench {

inline void check(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.message());
}

template <class T>
T value(Result<T> result) {
  check(result.status());
  return std::move(*result);
}

}  // namespace dinghy::bench
