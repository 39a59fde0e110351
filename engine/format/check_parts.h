// The parts that a tower or an MLP takes.
#pragma once

#include "engine/format/verify.h"

namespace dinghy::format {

using Parts = flatbuffers::Vector<flatbuffers::Offset<Part>>;

/// Checks that every operand exists, an MLP only among the first `mlps`, and that all fit together. `width` gets the
/// numbers of all parts. Needs checked features and interests. Errors: bad_file, naming `owner`.
Status check_parts(const File& file, const Parts& parts, std::uint32_t mlps, const char* owner,
                   std::uint32_t& width) noexcept;

}  // namespace dinghy::format
