#include "converter/readers/storage.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "converter/error.h"

namespace dinghy::converter {

void BufferStorage::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
}

FileStorage::FileStorage(const std::string& path) : path_(path), file_(path) {}

void FileStorage::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(file_.descriptor(), out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(path_, std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) throw Error(path_, "became shorter while it was read; convert a file that nothing writes to");
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::vector<std::byte> read_head(const Storage& storage, std::uint64_t count) {
  std::vector<std::byte> head(std::min(count, storage.size()));
  storage.read(0, head);
  return head;
}

}  // namespace dinghy::converter
