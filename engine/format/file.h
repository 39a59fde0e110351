// A .dinghy file whose frame is sound, and the one way from its metadata to its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dinghy/status.h"
#include "engine/format/aligned_metadata.h"
#include "model_generated.h"

namespace dinghy::platform {
class MappedFile;
}

namespace dinghy::format {

/// Header, metadata and segments. The metadata names bytes by segment, offset and size, all of them untrusted: range()
/// alone turns them into bytes, so that nothing is read that was not checked.
class File {
 public:
  /// Checks header, hash, FlatBuffer and segments. `bytes` outlive the file, and are aligned to 4. Errors: bad_file,
  /// unsupported (a newer format version), out_of_memory.
  Status read(std::span<const std::byte> bytes) noexcept;
  /// Reads all bytes behind the metadata, which `mapping` holds: each segment against its hash, zeros between them.
  /// Errors: bad_file, naming the segment; unsupported for a segment without a hash.
  Status verify(const platform::MappedFile& mapping) const noexcept;

  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  std::span<const std::byte> metadata() const noexcept { return metadata_; }
  /// A FlatBuffer that passes its verifier. No value in it has been looked at.
  const Model& model() const noexcept { return *model_; }

  /// The bytes [offset, offset + size) of a segment of the kind `kind`. Errors: bad_file, naming `owner`.
  Status range(std::uint32_t segment, SegmentKind kind, std::uint64_t offset, std::uint64_t size, const char* owner,
               std::span<const std::byte>& bytes) const noexcept;
  /// All bytes of a segment. Errors: as range().
  Status segment(std::uint32_t segment, SegmentKind kind, const char* owner,
                 std::span<const std::byte>& bytes) const noexcept;
  /// Calls use(bytes) for each segment of a kind.
  template <class Use>
  void for_each_segment(SegmentKind kind, Use use) const noexcept {
    for (const Segment* segment : *model_->segments()) {
      if (segment->kind() == kind) use(bytes_of(*segment));
    }
  }

 private:
  Status read_header() noexcept;
  Status read_metadata() noexcept;
  Status check_segments() const noexcept;
  std::span<const std::byte> bytes_of(const Segment& segment) const noexcept {  // which check_segments() has checked
    return bytes_.subspan(static_cast<std::size_t>(segment.offset()), static_cast<std::size_t>(segment.size()));
  }

  std::span<const std::byte> bytes_;
  std::span<const std::byte> metadata_;
  AlignedMetadata aligned_;
  const Model* model_ = nullptr;
};

}  // namespace dinghy::format
