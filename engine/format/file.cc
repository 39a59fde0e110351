#include "engine/format/file.h"

#include <algorithm>
#include <bit>

#include "engine/format/bounds.h"
#include "schema/hash.h"
#include "schema/header.h"

namespace dinghy::format {
namespace {

static_assert(std::endian::native == std::endian::little,
              "Dinghy uses the numbers of a model file where they lie: the machine must be little-endian");

// Metadata of real models is a few KB; a bound keeps verification short whatever a file claims.
constexpr std::uint64_t kMaxMetadata = std::uint64_t{16} << 20;
constexpr flatbuffers::uoffset_t kMetadataDepth = 32, kMaxTables = 100000;

const unsigned char* chars(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Status File::read_header() noexcept {
  Header header{};
  if (bytes_.size() < kHeaderSize || !format::read_header(chars(bytes_), header)) {
    return Status::error(Code::bad_file, "not a .dinghy file: it does not begin with the magic bytes");
  }
  if (header.format_version != kFormatVersion) {
    return Status::error(Code::unsupported, "format version %u; this engine reads version %u", header.format_version,
                         kFormatVersion);
  }
  if (header.header_size != kHeaderSize) return Status::error(Code::bad_file, "header: header_size is not 64");
  for (std::uint32_t i = kHeaderFields; i < kHeaderSize; ++i) {
    if (bytes_[i] != std::byte{0}) return Status::error(Code::bad_file, "header: byte %u is not zero", i);
  }
  if (header.file_size != bytes_.size()) {
    return Status::error(Code::bad_file, "the file has %llu bytes, its header says %llu: truncated or damaged",
                         static_cast<unsigned long long>(bytes_.size()),
                         static_cast<unsigned long long>(header.file_size));
  }
  if (header.metadata_size > bytes_.size() - kHeaderSize || header.metadata_size > kMaxMetadata) {
    return Status::error(Code::bad_file, "header: metadata_size is larger than the file or than 16 MB");
  }
  metadata_ = bytes_.subspan(kHeaderSize, static_cast<std::size_t>(header.metadata_size));
  if (fnv1a64(chars(metadata_), metadata_.size()) != header.metadata_hash) {
    return Status::error(Code::bad_file, "the metadata does not match its hash: damaged");
  }
  return Status();
}

Status File::read_metadata() noexcept {
  if (Status status = aligned_.align(metadata_, metadata_); !status) return status;
  const flatbuffers::uoffset_t room = most_tables(metadata_.size());
  flatbuffers::Verifier verifier(chars(metadata_), metadata_.size(), kMetadataDepth, std::min(kMaxTables, room));
  if (!VerifyModelBuffer(verifier)) {
    return Status::error(Code::bad_file, "the metadata is not a valid FlatBuffer of the schema");
  }
  model_ = GetModel(metadata_.data());
  return Status();
}

Status File::check_segments() const noexcept {
  std::uint64_t end = kHeaderSize + metadata_.size();
  const auto& segments = *model_->segments();
  for (flatbuffers::uoffset_t i = 0; i < segments.size(); ++i) {
    const Segment& s = *segments.Get(i);
    if (s.kind() > SegmentKind::MAX) return Status::error(Code::bad_file, "segments[%u]: unknown kind", i);
    if (s.offset() % kSegmentAlignment != 0) {
      return Status::error(Code::bad_file, "segments[%u]: offset is not a multiple of 4096", i);
    }
    if (s.offset() < end) return Status::error(Code::bad_file, "segments[%u]: overlaps what lies before it", i);
    if (s.offset() > bytes_.size() || s.size() > bytes_.size() - s.offset()) {
      return Status::error(Code::bad_file, "segments[%u]: reaches behind the end of the file", i);
    }
    end = s.offset() + s.size();
  }
  if (end != bytes_.size()) return Status::error(Code::bad_file, "bytes behind the last segment");
  return Status();
}

Status File::read(std::span<const std::byte> bytes) noexcept {
  bytes_ = bytes;
  if (Status status = read_header(); !status) return status;
  if (Status status = read_metadata(); !status) return status;
  return check_segments();
}

Status File::segment(std::uint32_t segment, SegmentKind kind, const char* owner,
                     std::span<const std::byte>& bytes) const noexcept {
  const auto& segments = *model_->segments();
  if (segment >= segments.size()) return Status::error(Code::bad_file, "%s: segment %u does not exist", owner, segment);
  if (segments.Get(segment)->kind() != kind) {
    return Status::error(Code::bad_file, "%s: segment %u is of another kind", owner, segment);
  }
  bytes = bytes_of(*segments.Get(segment));
  return Status();
}

Status File::range(std::uint32_t segment, SegmentKind kind, std::uint64_t offset, std::uint64_t size, const char* owner,
                   std::span<const std::byte>& bytes) const noexcept {
  std::span<const std::byte> all;
  if (Status status = this->segment(segment, kind, owner, all); !status) return status;
  if (offset > all.size() || size > all.size() - offset) {
    return Status::error(Code::bad_file, "%s: reaches behind the end of segment %u", owner, segment);
  }
  bytes = all.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
  return Status();
}

}  // namespace dinghy::format
