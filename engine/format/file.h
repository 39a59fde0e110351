// The parts of a .dinghy file, once its frame is verified: header, metadata, segments.
#pragma once

#include <cstddef>
#include <span>

#include "dinghy/status.h"
#include "model_generated.h"

namespace dinghy::format {

/// Views of a file whose frame is sound: the FlatBuffer passes its verifier, every segment lies inside the file.
struct File {
  std::span<const std::byte> bytes;
  std::span<const std::byte> metadata;
  const Model* model = nullptr;

  std::span<const std::byte> segment(std::uint32_t index) const noexcept {
    const Segment& s = *model->segments()->Get(index);
    return bytes.subspan(static_cast<std::size_t>(s.offset()), static_cast<std::size_t>(s.size()));
  }
};

/// Checks header, hash, FlatBuffer and segments. Errors: bad_file, unsupported (a newer format version).
Status read_frame(std::span<const std::byte> bytes, File& file) noexcept;

}  // namespace dinghy::format
