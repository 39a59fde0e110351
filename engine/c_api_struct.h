// Structs of callers that were compiled with an older or a newer dinghy.h.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "dinghy/status.h"

namespace dinghy::c_api {

/// No struct of a later version will be larger: what claims to be is uninitialized, and must not be read.
inline constexpr std::size_t kMaxStruct = 4096;

/// Copies what caller and engine both know of a struct that begins with struct_size; nothing from NULL. A newer caller
/// that sets a field which this engine does not know must not get a call that ignores it. `what` is for messages.
/// Errors: invalid_argument, unsupported.
template <class Struct>
Status read_struct(const Struct* from, const char* what, Struct& to) noexcept {
  if (from == nullptr) return Status();
  const std::size_t size = from->struct_size;
  // What is no multiple of the alignment is the size of no struct, and would hand over half a pointer.
  if (size < sizeof size || size > kMaxStruct || size % alignof(Struct) != 0) {
    return Status::error(Code::invalid_argument, "%s: struct_size is not set", what);
  }
  const auto* const bytes = reinterpret_cast<const unsigned char*>(from);
  const std::size_t known = std::min(size, sizeof to);
  std::memcpy(&to, bytes, known);
  if (std::any_of(bytes + known, bytes + size, [](unsigned char byte) { return byte != 0; })) {
    return Status::error(Code::unsupported, "%s: a field is set that needs a newer engine", what);
  }
  return Status();
}

/// Hands out a struct that begins with struct_size: as much of it as the caller knows. `what` is for messages. Errors:
/// invalid_argument.
template <class Struct>
Status write_struct(const Struct& from, const char* what, Struct* to) noexcept {
  const std::size_t size = to->struct_size;
  if (size < sizeof size) return Status::error(Code::invalid_argument, "%s: struct_size is not set", what);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&from);
  std::memcpy(reinterpret_cast<unsigned char*>(to) + sizeof size, bytes + sizeof size,
              std::min(size, sizeof from) - sizeof size);
  return Status();
}

}  // namespace dinghy::c_api
