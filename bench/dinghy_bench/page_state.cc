#include "bench/dinghy_bench/page_state.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "converter/error.h"

namespace dinghy::bench {

const char* name_of(PageState state) {
  switch (state) {
    case PageState::hot:
      return "hot";
    case PageState::page_cache:
      return "page-cache";
    case PageState::cold:
      return "cold";
    case PageState::unadvised:
      return "cold, no advice";
  }
  return "";
}

Pages::Pages(const Model& model, const std::string& path)
    : mapping_(model.file()), descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) throw converter::Error(path, std::string("cannot be opened: ") + std::strerror(errno));
  fsync(descriptor_);
}

Pages::~Pages() { close(descriptor_); }

void Pages::bring_to(PageState state) const {
  if (state == PageState::hot) return;
  // The mapping is private and read-only: dropping its pages loses nothing, the next access maps the file's again.
  std::byte* const address = const_cast<std::byte*>(mapping_.data());
  madvise(address, mapping_.size(), MADV_DONTNEED);
  if (state == PageState::page_cache) return;
  posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED);
  if (state == PageState::unadvised) madvise(address, mapping_.size(), MADV_NORMAL);
}

}  // namespace dinghy::bench
