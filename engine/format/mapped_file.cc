#include "engine/format/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace dinghy::format {

MappedFile::~MappedFile() {
  if (mapping_ != nullptr) ::munmap(mapping_, bytes_.size());
}

Status MappedFile::map(const char* path) noexcept {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // O_NONBLOCK: a pipe must not hang the caller
  if (file < 0) return Status::error(Code::io_error, "cannot open the file: %s", std::strerror(errno));
  struct stat info {};
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
  mapping_ = mapping;
  bytes_ = {static_cast<const std::byte*>(mapping), static_cast<std::size_t>(size)};
  return Status();
}

}  // namespace dinghy::format
