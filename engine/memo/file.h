// A memo as a file: what its logits are of, and its blocks as they lie in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dinghy/status.h"
#include "engine/memo/sizes.h"

namespace dinghy::memo {

/// Of blocks in a file, and so of the file in memory.
inline constexpr std::uint64_t kBlockAlignment = 64;

/// What decides a logit's bits besides the two items: a file of another origin holds other logits.
struct Origin {
  std::uint64_t model = 0;   // Model::id(), which follows from the hashes of all its numbers
  char arithmetic[64] = {};  // ISA, version of the order of sums, compiler; zero-terminated, zeros behind
};

/// One interest's part of the file. Without items there is none.
struct FilePart {
  Shape shape;
  std::uint32_t in_integers = 0;
  std::uint32_t reserved = 0;
  std::uint64_t stored = 0;  // pairs
  std::uint64_t offset = 0;  // of its block, a multiple of a cache line
  std::uint64_t hash = 0;    // XXH64 of the block
};

/// The file begins with it; FileParts and blocks follow, little-endian.
struct FileHeader {
  static constexpr char kMagic[8] = {'D', 'N', 'G', 'Y', 'M', 'E', 'M', 'O'};
  static constexpr std::uint32_t kVersion = 1;

  char magic[8] = {};
  std::uint32_t version = 0;
  std::uint32_t parts = 0;
  Origin origin;
  std::uint64_t hash = 0;  // XXH64 of this header with a zero here, and of the parts
};

/// Puts places and hashes into `parts`, whose blocks are given, and makes the header. Reads all blocks.
FileHeader describe_file(const Origin& origin, std::span<FilePart> parts,
                         std::span<const std::byte* const> blocks) noexcept;

/// Checks the frame of a file and copies its parts, of which there have to be parts.size(), and what computed it.
/// Errors: bad_file, unsupported (another version, or another model than `model`).
Status read_file(std::span<const std::byte> file, std::uint64_t model, std::span<FilePart> parts,
                 Origin& origin) noexcept;

/// Compares each block with its hash. Errors: bad_file, naming the part.
Status verify_file(std::span<const std::byte> file, std::span<const FilePart> parts) noexcept;

}  // namespace dinghy::memo
