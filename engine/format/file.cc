#include "engine/format/file.h"

#include <bit>

#include "schema/hash.h"
#include "schema/header.h"

namespace dinghy::format {
namespace {

static_assert(std::endian::native == std::endian::little,
              "Dinghy uses the numbers of a model file where they lie: the machine must be little-endian");

// Metadata of real models is a few KB; a bound keeps verification short whatever a file claims.
constexpr std::uint64_t kMaxMetadata = std::uint64_t{16} << 20;

const unsigned char* chars(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Status read_header(std::span<const std::byte> bytes, File& file) noexcept {
  Header header{};
  if (bytes.size() < kHeaderSize || !format::read_header(chars(bytes), header)) {
    return Status::error(Code::bad_file, "not a .dinghy file: it does not begin with the magic bytes");
  }
  if (header.format_version != kFormatVersion) {
    return Status::error(Code::unsupported, "format version %u; this engine reads version %u", header.format_version,
                         kFormatVersion);
  }
  if (header.header_size != kHeaderSize) return Status::error(Code::bad_file, "header: header_size is not 64");
  if (header.file_size != bytes.size()) {
    return Status::error(Code::bad_file, "the file has %llu bytes, its header says %llu: truncated or damaged",
                         static_cast<unsigned long long>(bytes.size()),
                         static_cast<unsigned long long>(header.file_size));
  }
  if (header.metadata_size > bytes.size() - kHeaderSize || header.metadata_size > kMaxMetadata) {
    return Status::error(Code::bad_file, "header: metadata_size is larger than the file or than 16 MB");
  }
  file.bytes = bytes;
  file.metadata = bytes.subspan(kHeaderSize, static_cast<std::size_t>(header.metadata_size));
  if (fnv1a64(chars(file.metadata), file.metadata.size()) != header.metadata_hash) {
    return Status::error(Code::bad_file, "the metadata does not match its hash: damaged");
  }
  return Status();
}

Status read_metadata(File& file) noexcept {
  flatbuffers::Verifier verifier(chars(file.metadata), file.metadata.size(), 32, 100000);
  if (file.metadata.size() < 16 || !VerifyModelBuffer(verifier)) {
    return Status::error(Code::bad_file, "the metadata is not a valid FlatBuffer of the schema");
  }
  file.model = GetModel(file.metadata.data());
  return Status();
}

Status check_segments(const File& file) noexcept {
  std::uint64_t end = kHeaderSize + file.metadata.size();
  const auto& segments = *file.model->segments();
  for (flatbuffers::uoffset_t i = 0; i < segments.size(); ++i) {
    const Segment& s = *segments.Get(i);
    if (s.kind() > SegmentKind::MAX) return Status::error(Code::bad_file, "segments[%u]: unknown kind", i);
    if (s.offset() % kSegmentAlignment != 0) {
      return Status::error(Code::bad_file, "segments[%u]: offset is not a multiple of 4096", i);
    }
    if (s.offset() < end) return Status::error(Code::bad_file, "segments[%u]: overlaps what lies before it", i);
    if (s.offset() > file.bytes.size() || s.size() > file.bytes.size() - s.offset()) {
      return Status::error(Code::bad_file, "segments[%u]: reaches behind the end of the file", i);
    }
    end = s.offset() + s.size();
  }
  if (end != file.bytes.size()) return Status::error(Code::bad_file, "bytes behind the last segment");
  return Status();
}

}  // namespace

Status read_frame(std::span<const std::byte> bytes, File& file) noexcept {
  if (Status status = read_header(bytes, file); !status) return status;
  if (Status status = read_metadata(file); !status) return status;
  return check_segments(file);
}

}  // namespace dinghy::format
