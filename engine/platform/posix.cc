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
#include <utility>

#include "engine/platform/mapped_file.h"
#include "engine/platform/memory.h"

namespace dinghy::platform {
namespace {

/// The whole pages around some bytes, as the system calls want them.
struct Pages {
  void* begin;
  std::size_t size;

  explicit Pages(std::span<const std::byte> bytes) noexcept {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));  // no system call: libc knows it
    const auto first = reinterpret_cast<std::uintptr_t>(bytes.data()) / page * page;
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
bool mincore_knows([[maybe_unused]] const char* path, [[maybe_unused]] uid_t owner) noexcept {
#if defined(__linux__)
  return owner == ::geteuid() || ::faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
#else
  return true;
#endif
}

/// A file that can be mapped or read whole; closes itself.
struct RegularFile {
  int descriptor = -1;
  std::size_t size = 0;
  uid_t owner = 0;

  RegularFile() = default;
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;
  ~RegularFile() {
    if (descriptor >= 0) ::close(descriptor);
  }

  Status open(const char* path) noexcept {
    descriptor = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // O_NONBLOCK: a pipe must not hang the caller
    if (descriptor < 0) return Status::error(Code::io_error, "cannot open the file: %s", std::strerror(errno));
    struct stat info{};
    if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
      return Status::error(Code::bad_file, "not a regular file");
    }
    const auto bytes = static_cast<std::uint64_t>(info.st_size);
    if (bytes == 0 || bytes > SIZE_MAX / 2) {
      return Status::error(Code::bad_file,
                           bytes == 0 ? "the file is empty" : "the file is larger than the address space");
    }
    size = static_cast<std::size_t>(bytes);
    owner = info.st_uid;
    return Status();
  }
};

}  // namespace

MappedFile::~MappedFile() {
  if (pages_ != nullptr) ::munmap(pages_, bytes_.size());
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status MappedFile::map(const char* path) noexcept {
  RegularFile file;
  if (Status status = file.open(path); !status) return status;
  void* const mapping = ::mmap(nullptr, file.size, PROT_READ, MAP_PRIVATE, file.descriptor, 0);
  if (mapping == MAP_FAILED) return Status::error(Code::io_error, "cannot map the file: %s", std::strerror(errno));
  ::madvise(mapping, file.size, MADV_RANDOM);
  take(mapping, file.size);
  if (mincore_knows(path, file.owner)) return Status();
  ask_ = Ask::file;
  descriptor_ = std::exchange(file.descriptor, -1);
#if defined(POSIX_FADV_RANDOM)
  ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_RANDOM);
#endif
  return Status();
}

Status MappedFile::copy(const char* path) noexcept {
  RegularFile file;
  if (Status status = file.open(path); !status) return status;
  void* const pages = ::mmap(nullptr, file.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return Status::error(Code::out_of_memory, "no memory for a copy of the file");
  take(pages, file.size);
  for (std::size_t done = 0; done < file.size;) {
    const ssize_t got = ::read(file.descriptor, static_cast<std::byte*>(pages) + done, file.size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Status::error(Code::io_error, "cannot read the file: %s", std::strerror(errno));
    if (got == 0) return Status::error(Code::io_error, "the file became shorter while it was read");
    done += static_cast<std::size_t>(got);
  }
  ::mprotect(pages, file.size, PROT_READ);
  return Status();
}

void MappedFile::take(void* pages, std::size_t size) noexcept {
  pages_ = pages;
  bytes_ = {static_cast<const std::byte*>(pages), size};
  ask_ = Ask::system;
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
    return ::preadv2(descriptor_, &to, 1, byte - bytes_.data(), RWF_NOWAIT) == 1;
  }
#endif
  return false;
}

Status MappedFile::lock(std::span<const std::byte> bytes) const noexcept {
  if (pages_ == nullptr) {
    return Status::error(Code::unsupported, "the model's memory is the caller's, who has to lock it himself");
  }
  const Pages pages(bytes);
  if (bytes.empty() || ::mlock(pages.begin, pages.size) == 0) return Status();
  return Status::error(Code::io_error, "cannot lock the rows in memory: %s", std::strerror(errno));
}

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
  if (alignment <= alignof(std::max_align_t)) return std::malloc(bytes);
  void* memory = nullptr;  // aligned_alloc() is missing in Android before 9 and macOS before 10.15
  return ::posix_memalign(&memory, alignment, bytes) == 0 ? memory : nullptr;
}

void release(void* memory) noexcept { std::free(memory); }

}  // namespace dinghy::platform
