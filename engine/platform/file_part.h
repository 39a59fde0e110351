// What every system asks of the file, or the part of one, that it maps or reads, in one set of words.
#pragma once

#include <cstdint>

#include "dinghy/status.h"

namespace dinghy::platform {

/// Something that this machine can address, with `lead` bytes in front of it. Errors: bad_file.
Status check_size(std::uint64_t size, std::uint64_t lead = 0) noexcept;

/// `size` bytes from `offset` on of a file of `whole` bytes; a size of 0 becomes that of all that follow. Errors:
/// bad_file for an empty file; invalid_argument for bytes that it does not have.
Status choose_part(std::uint64_t whole, std::uint64_t offset, std::uint64_t& size) noexcept;

Status not_a_file() noexcept;          // bad_file
Status became_shorter() noexcept;      // io_error
Status no_memory_for_copy() noexcept;  // out_of_memory
Status not_ours_to_lock() noexcept;    // unsupported

}  // namespace dinghy::platform
