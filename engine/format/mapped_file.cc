#include "engine/format/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace dinghy::format {
namespace {

/// The whole pages around some bytes, as the system calls want them.
struct Pages {
  void* begin;
  std::size_t size;

  explicit Pages(std::span<const std::byte> bytes) noexcept {
    static const auto kPage = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto first = reinterpret_cast<std::uintptr_t>(bytes.data()) / kPage * kPage;
    begin = reinterpret_cast<void*>(first);
    size = static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(bytes.data()) + bytes.size() - first);
  }
};

}  // namespace

MappedFile::~MappedFile() {
  if (mapping_ != nullptr) ::munmap(mapping_, bytes_.size());
}

Status MappedFile::map(const char* path) noexcept {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // O_NONBLOCK: a pipe must not hang the caller
  if (file < 0) return Status::error(Code::io_error, "cannot open the file: %s", std::strerror(errno));
  struct stat info{};
  if (::fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(file);
    return Status::error(Code::bad_file, "not a regular file");
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size == 0 || size > SIZE_MAX / 2) {
    ::close(file);
    return Status::error(Code::bad_file, size == 0 ? "the file is empty" : "the file is larger than the address space");
  }
  void* const mapping = ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_PRIVATE, file, 0);
  const int error = errno;
  ::close(file);
  if (mapping == MAP_FAILED) return Status::error(Code::io_error, "cannot map the file: %s", std::strerror(error));
  ::madvise(mapping, static_cast<std::size_t>(size), MADV_RANDOM);
  mapping_ = mapping;
  bytes_ = {static_cast<const std::byte*>(mapping), static_cast<std::size_t>(size)};
  return Status();
}

void MappedFile::will_be_needed(std::span<const std::byte> bytes) const noexcept {
  const Pages pages(bytes);
  if (mapping_ != nullptr && !bytes.empty()) ::madvise(pages.begin, pages.size, MADV_WILLNEED);
}

bool MappedFile::is_resident(const std::byte* byte) const noexcept {
  if (mapping_ == nullptr) return true;
  unsigned char resident = 0;
  const Pages page({byte, 1});
  return ::mincore(page.begin, 1, &resident) == 0 && (resident & 1) != 0;
}

Status MappedFile::lock(std::span<const std::byte> bytes) const noexcept {
  const Pages pages(bytes);
  if (mapping_ == nullptr || bytes.empty() || ::mlock(pages.begin, pages.size) == 0) return Status();
  return Status::error(Code::io_error, "cannot lock the rows in memory: %s", std::strerror(errno));
}

}  // namespace dinghy::format
