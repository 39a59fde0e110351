// A FlatBuffer at an address where its numbers can be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "dinghy/status.h"
#include "engine/memory/array.h"

namespace dinghy::format {

/// FlatBuffers reads numbers of 8 bytes where they lie, which an address must allow. In a file that is mapped from its
/// start they do; inside an APK a file lies at any multiple of 4, and its FlatBuffers are copied.
class AlignedMetadata {
 public:
  /// `aligned` is `bytes`, or a copy that lives as long as this. Errors: out_of_memory.
  Status align(std::span<const std::byte> bytes, std::span<const std::byte>& aligned) noexcept {
    aligned = bytes;
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) == 0) return Status();
    if (!copy_.allocate((bytes.size() + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t))) {
      return Status::error(Code::out_of_memory, "no memory for a copy of the metadata");
    }
    std::memcpy(copy_.begin(), bytes.data(), bytes.size());
    aligned = std::as_bytes(copy_.span()).first(bytes.size());
    return Status();
  }

 private:
  Array<std::uint64_t> copy_;
};

}  // namespace dinghy::format
