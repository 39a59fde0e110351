#include "engine/platform/file_part.h"

#include <cstddef>

namespace dinghy::platform {

Status check_size(std::uint64_t size, std::uint64_t lead) noexcept {
  if (size == 0) return Status::error(Code::bad_file, "the file is empty");
  if (size > SIZE_MAX / 2 - lead) {
    return Status::error(Code::bad_file, "the file is larger than the address space");
  }
  return Status();
}

Status choose_part(std::uint64_t whole, std::uint64_t offset, std::uint64_t& size) noexcept {
  if (whole == 0) return check_size(whole);
  if (offset >= whole || size > whole - offset) {
    return Status::error(Code::invalid_argument, "offset %llu and size %llu reach behind the file's %llu bytes",
                         static_cast<unsigned long long>(offset), static_cast<unsigned long long>(size),
                         static_cast<unsigned long long>(whole));
  }
  if (size == 0) size = whole - offset;
  return Status();
}

Status not_a_file() noexcept { return Status::error(Code::bad_file, "not a regular file"); }

Status became_shorter() noexcept { return Status::error(Code::io_error, "the file became shorter while it was read"); }

Status no_memory_for_copy() noexcept { return Status::error(Code::out_of_memory, "no memory for a copy of the file"); }

Status not_ours_to_lock() noexcept {
  return Status::error(Code::unsupported, "the model's memory is the caller's, who has to lock it himself");
}

}  // namespace dinghy::platform
