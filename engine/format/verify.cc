// All bytes of a file against what its header and its metadata say of them.
#include <algorithm>

#include "engine/format/file.h"
#include "engine/platform/mapped_file.h"
#include "schema/header.h"
#include "schema/xxh64.h"

namespace dinghy::format {
namespace {

using Bytes = std::span<const std::byte>;

// The mapping is advised not to be read ahead: so a piece is asked for while the one before it is hashed.
constexpr std::size_t kPiece = std::size_t{4} << 20;

std::uint64_t hash_of(Bytes bytes, const platform::MappedFile& mapping) noexcept {
  Xxh64 hash;
  Bytes piece = bytes.first(std::min(kPiece, bytes.size()));
  mapping.will_be_needed(piece);
  while (!piece.empty()) {
    bytes = bytes.subspan(piece.size());
    const Bytes next = bytes.first(std::min(kPiece, bytes.size()));
    mapping.will_be_needed(next);
    hash.add(piece);
    piece = next;
  }
  return hash.digest();
}

}  // namespace

Status File::verify(const platform::MappedFile& mapping) const noexcept {
  const auto& segments = *model_->segments();
  for (flatbuffers::uoffset_t i = 0; i < segments.size(); ++i) {
    if (segments.Get(i)->hash()) continue;
    return Status::error(Code::unsupported, "segments[%u] has no hash: the file is of an older converter", i);
  }
  std::uint64_t end = kHeaderSize + metadata_.size();
  for (flatbuffers::uoffset_t i = 0; i < segments.size(); ++i) {
    const Segment& segment = *segments.Get(i);
    const char* const kind = EnumNameSegmentKind(segment.kind());
    const Bytes before =
        bytes_.subspan(static_cast<std::size_t>(end), static_cast<std::size_t>(segment.offset() - end));
    if (std::any_of(before.begin(), before.end(), [](std::byte byte) { return byte != std::byte{0}; })) {
      return Status::error(Code::bad_file, "the bytes before segments[%u] (%s) are not zero: damaged", i, kind);
    }
    if (hash_of(bytes_of(segment), mapping) != *segment.hash()) {
      return Status::error(Code::bad_file, "segments[%u] (%s) does not match its hash: damaged", i, kind);
    }
    end = segment.offset() + segment.size();
  }
  return Status();
}

}  // namespace dinghy::format
