// A file as read-only memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dinghy/memory.h"
#include "dinghy/status.h"

namespace dinghy::platform {

/// A private read-only mapping of a file or of a part of one, a copy of it, or memory of the caller's. Lets go of what
/// it took on destruction.
class MappedFile {
 public:
  MappedFile() noexcept = default;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() {
    let_go();
    if (owner_.release != nullptr) owner_.release(owner_.context);
  }

  /// Maps the whole file. The system is told that it is read here and there: reading ahead around each row of a table
  /// would cost a hundred times the bytes. Errors: io_error with the system's reason; bad_file for an empty or
  /// irregular file, or one larger than the address space.
  Status map(const char* path) noexcept;
  /// Maps `size` bytes from `offset` on of an open file, all that follow for a size of 0; the descriptor stays the
  /// caller's, who may close it. Errors: as map(); invalid_argument for bytes that the file does not have.
  Status map(int descriptor, std::uint64_t offset, std::uint64_t size) noexcept;
  /// Reads the file into pages of its own, which nothing else can change. Errors: as map(); out_of_memory; io_error
  /// for a file that became shorter meanwhile.
  Status copy(const char* path) noexcept;
  /// The caller keeps the bytes alive and unchanged until `owner` is told.
  void borrow(std::span<const std::byte> bytes, MemoryOwner owner) noexcept {
    bytes_ = bytes;
    owner_ = owner;
  }

  std::span<const std::byte> bytes() const noexcept { return bytes_; }

  /// Starts reading the pages of `bytes` from disk, without waiting for them or touching them; also where the caller's
  /// memory is a mapping of its own.
  void will_be_needed(std::span<const std::byte> bytes) const noexcept;
  /// True when the page at `byte` can be read without waiting for the disk; false where the system does not tell.
  bool is_resident(const std::byte* byte) const noexcept;
  /// Reads the pages of `bytes` and keeps them in memory as long as the mapping lives. Errors: io_error, as a rule
  /// because the process may not lock that much (RLIMIT_MEMLOCK); unsupported for memory of the caller's, which would
  /// stay locked when the mapping is gone, and where the system has no such call.
  Status lock(std::span<const std::byte> bytes) const noexcept;

 private:
  /// Who knows whether a page is in memory: nobody, the system by its address, or a read that may not wait.
  enum class Ask { nobody, system, file };
  /// Of Ask::file: the file, and where bytes_ begin in it. No members of MappedFile: clang would call them unused where
  /// the system has no such read, and g++ 11 knows no [[maybe_unused]] there.
  struct AskedFile {
    int descriptor = -1;
    std::uint64_t offset = 0;
  };

  void let_go() noexcept;

  std::span<const std::byte> bytes_;
  std::span<std::byte> pages_;  // to let go of, with bytes_ in it; empty for the caller's memory
  MemoryOwner owner_;           // of that
  Ask ask_ = Ask::nobody;
  AskedFile asked_;
};

}  // namespace dinghy::platform
