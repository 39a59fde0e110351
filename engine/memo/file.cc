#include "engine/memo/file.h"

#include <cstring>

#include "schema/xxh64.h"

namespace dinghy::memo {
namespace {

using Bytes = std::span<const std::byte>;

std::uint64_t hash_of_header(FileHeader header, std::span<const FilePart> parts) noexcept {
  header.hash = 0;
  format::Xxh64 hash;
  hash.add(std::as_bytes(std::span<const FileHeader>(&header, 1)));
  hash.add(std::as_bytes(parts));
  return hash.digest();
}

Status no_memo(const char* why) noexcept { return Status::error(Code::bad_file, "this is not a memo: %s", why); }

/// The block of a part; nothing where the file ends before it does, or no memo has this shape.
Bytes block_of(Bytes file, const FilePart& part) noexcept {
  const auto sizes = sizes_of(part.shape);
  if (!sizes || part.offset % kBlockAlignment != 0 || part.offset > file.size()) return {};
  const Bytes rest = file.subspan(static_cast<std::size_t>(part.offset));
  return sizes->bytes() <= rest.size() ? rest.first(static_cast<std::size_t>(sizes->bytes())) : Bytes();
}

Status other_model(std::uint64_t found, std::uint64_t wanted) noexcept {
  return Status::error(Code::unsupported, "the memo is of the model with the id %016llx, this one's is %016llx",
                       static_cast<unsigned long long>(found), static_cast<unsigned long long>(wanted));
}

}  // namespace

FileHeader describe_file(const Origin& origin, std::span<FilePart> parts,
                         std::span<const std::byte* const> blocks) noexcept {
  FileHeader header{.magic = {},
                    .version = FileHeader::kVersion,
                    .parts = static_cast<std::uint32_t>(parts.size()),
                    .origin = origin,
                    .hash = 0};
  std::memcpy(header.magic, FileHeader::kMagic, sizeof header.magic);
  std::uint64_t end = sizeof header + parts.size_bytes();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto sizes = sizes_of(parts[i].shape);
    if (!sizes) continue;
    parts[i].offset = (end + kBlockAlignment - 1) / kBlockAlignment * kBlockAlignment;
    parts[i].hash = format::xxh64({blocks[i], static_cast<std::size_t>(sizes->bytes())});
    end = parts[i].offset + sizes->bytes();
  }
  header.hash = hash_of_header(header, parts);
  return header;
}

Status read_file(Bytes file, std::uint64_t model, std::span<FilePart> parts, Origin& origin) noexcept {
  FileHeader header;
  if (file.size() < sizeof header) return no_memo("it is too short");
  std::memcpy(&header, file.data(), sizeof header);
  if (std::memcmp(header.magic, FileHeader::kMagic, sizeof header.magic) != 0) return no_memo("it begins otherwise");
  if (header.version != FileHeader::kVersion) {
    return Status::error(Code::unsupported, "a memo of version %u; this engine reads version %u", header.version,
                         FileHeader::kVersion);
  }
  if (header.origin.model != model) return other_model(header.origin.model, model);
  const Bytes behind = file.subspan(sizeof header);
  if (header.parts != parts.size() || behind.size() < parts.size_bytes()) return no_memo("it has other parts");
  std::memcpy(parts.data(), behind.data(), parts.size_bytes());
  if (hash_of_header(header, parts) != header.hash) return no_memo("its header does not match its hash");
  for (const FilePart& part : parts) {
    if (part.shape.items > 0 && block_of(file, part).empty()) return no_memo("a block is cut, or has no shape");
  }
  origin = header.origin;
  origin.arithmetic[sizeof origin.arithmetic - 1] = 0;
  return Status();
}

Status verify_file(Bytes file, std::span<const FilePart> parts) noexcept {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].shape.items == 0 || format::xxh64(block_of(file, parts[i])) == parts[i].hash) continue;
    return Status::error(Code::bad_file, "part %zu of the memo does not match its hash: damaged", i);
  }
  return Status();
}

}  // namespace dinghy::memo
