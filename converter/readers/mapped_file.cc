#include "converter/readers/mapped_file.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "converter/error.h"
#include "converter/input_file.h"

namespace dinghy::converter {

MappedFile::MappedFile(const std::string& path) {
  const InputFile file(path);
  const auto size = static_cast<std::size_t>(file.size());
  void* const begin = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
  if (begin == MAP_FAILED) throw Error(path, std::string("cannot be mapped: ") + std::strerror(errno));
  bytes_ = {static_cast<const std::byte*>(begin), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace dinghy::converter
