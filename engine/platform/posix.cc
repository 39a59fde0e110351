// Linux, Android, macOS, iOS and the BSDs.
#define _FILE_OFFSET_BITS 64  // where size_t has 32: a file over 2 GB is an error of ours, not EOVERFLOW

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "engine/platform/file_part.h"
#include "engine/platform/mapped_file.h"
#include "engine/platform/memory.h"

namespace dinghy::platform {
namespace {

static_assert(sizeof(off_t) == 8, "a header of the system was read before _FILE_OFFSET_BITS was defined");

/// No system call: libc knows it.
std::size_t page_size() noexcept { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

/// The whole pages around some bytes, as the system calls want them.
struct Pages {
  void* begin;
  std::size_t size;

  explicit Pages(std::span<const std::byte> bytes) noexcept {
    const auto first = reinterpret_cast<std::uintptr_t>(bytes.data()) / page_size() * page_size();
    begin = reinterpret_cast<void*>(first);
    size = static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(bytes.data()) + bytes.size() - first);
  }
};

#if defined(__linux__)
using Residency = unsigned char;
#else
using Residency = char;  // BSD's and macOS' mincore()
#endif

/// Whether mincore() tells this process the truth about a file. To one that neither owns it nor may write to it Linux
/// (5.2 and later) calls every page resident, and what follows would wait for the disk.
bool mincore_knows([[maybe_unused]] uid_t owner) noexcept {
#if defined(__linux__)
  return owner == ::geteuid();
#else
  return true;
#endif
}

struct FileInfo {
  std::uint64_t size = 0;
  uid_t owner = 0;
};

Status read_info(int descriptor, FileInfo& info) noexcept {
  struct stat read{};
  if (::fstat(descriptor, &read) != 0 || !S_ISREG(read.st_mode)) return not_a_file();
  info = {static_cast<std::uint64_t>(read.st_size), read.st_uid};
  return Status();
}

/// Closes itself.
struct OpenFile {
  int descriptor = -1;

  OpenFile() = default;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor >= 0) ::close(descriptor);
  }

  Status open(const char* path) noexcept {
    descriptor = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // O_NONBLOCK: a pipe must not hang the caller
    if (descriptor < 0) return Status::error(Code::io_error, "cannot open the file: %s", std::strerror(errno));
    return Status();
  }
};

}  // namespace

void MappedFile::let_go() noexcept {
  if (!pages_.empty()) ::munmap(pages_.data(), pages_.size());
  if (asked_.descriptor >= 0) ::close(asked_.descriptor);
}

Status MappedFile::map(const char* path) noexcept {
  OpenFile file;
  if (Status status = file.open(path); !status) return status;
  return map(file.descriptor, 0, 0);
}

Status MappedFile::map(int descriptor, std::uint64_t offset, std::uint64_t size) noexcept {
  FileInfo info;
  if (Status status = read_info(descriptor, info); !status) return status;
  if (Status status = choose_part(info.size, offset, size); !status) return status;
  const std::uint64_t lead = offset % page_size();
  if (Status status = check_size(size, lead); !status) return status;
  const auto mapped = static_cast<std::size_t>(lead + size);
  void* const pages = ::mmap(nullptr, mapped, PROT_READ, MAP_PRIVATE, descriptor, static_cast<off_t>(offset - lead));
  if (pages == MAP_FAILED) return Status::error(Code::io_error, "cannot map the file: %s", std::strerror(errno));
  ::madvise(pages, mapped, MADV_RANDOM);
  pages_ = {static_cast<std::byte*>(pages), mapped};
  bytes_ = pages_.subspan(static_cast<std::size_t>(lead));
  ask_ = Ask::system;
  if (mincore_knows(info.owner)) return Status();
  ask_ = Ask::file;
  asked_.descriptor = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  asked_.offset = offset;
#if defined(POSIX_FADV_RANDOM)
  ::posix_fadvise(asked_.descriptor, 0, 0, POSIX_FADV_RANDOM);
#endif
  return Status();
}

Status MappedFile::copy(const char* path) noexcept {
  OpenFile file;
  FileInfo info;
  if (Status status = file.open(path); !status) return status;
  if (Status status = read_info(file.descriptor, info); !status) return status;
  if (Status status = check_size(info.size); !status) return status;
  const auto size = static_cast<std::size_t>(info.size);
  void* const pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return no_memory_for_copy();
  pages_ = {static_cast<std::byte*>(pages), size};
  bytes_ = pages_;
  ask_ = Ask::system;
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = ::read(file.descriptor, pages_.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Status::error(Code::io_error, "cannot read the file: %s", std::strerror(errno));
    if (got == 0) return became_shorter();
    done += static_cast<std::size_t>(got);
  }
  ::mprotect(pages, size, PROT_READ);
  return Status();
}

void MappedFile::will_be_needed(std::span<const std::byte> bytes) const noexcept {
  const Pages pages(bytes);
  if (!bytes.empty()) ::madvise(pages.begin, pages.size, MADV_WILLNEED);
}

bool MappedFile::is_resident(const std::byte* byte) const noexcept {
  if (ask_ == Ask::system) {
    Residency resident = 0;
    const Pages page({byte, 1});
    return ::mincore(page.begin, 1, &resident) == 0 && (resident & 1) != 0;
  }
#if defined(RWF_NOWAIT) && defined(__GLIBC__)
  if (ask_ == Ask::file) {
    char read = 0;
    const struct iovec to = {&read, 1};
    const auto at = static_cast<off_t>(asked_.offset + static_cast<std::uint64_t>(byte - bytes_.data()));
    return ::preadv2(asked_.descriptor, &to, 1, at, RWF_NOWAIT) == 1;
  }
#endif
  return false;
}

Status MappedFile::lock(std::span<const std::byte> bytes) const noexcept {
  if (pages_.empty()) return not_ours_to_lock();
  const Pages pages(bytes);
  if (bytes.empty() || ::mlock(pages.begin, pages.size) == 0) return Status();
  return Status::error(Code::io_error, "cannot lock the rows in memory: %s", std::strerror(errno));
}

void* system_allocate(std::size_t bytes, std::size_t alignment) noexcept {
  if (alignment <= alignof(std::max_align_t)) return std::malloc(bytes);
  void* memory = nullptr;  // aligned_alloc() is missing in Android before 9 and macOS before 10.15
  return ::posix_memalign(&memory, alignment, bytes) == 0 ? memory : nullptr;
}

void prefer_large_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef MADV_HUGEPAGE
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(memory) + page - 1) / page * page;
  const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(memory) + bytes) / page * page;
  if (begin < end) (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

void system_release(void* memory) noexcept { std::free(memory); }

}  // namespace dinghy::platform
