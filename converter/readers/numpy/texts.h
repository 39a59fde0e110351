// Texts as NumPy keeps them, in arrays and as scalars.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dinghy::converter {

/// The 5 of "<U5", texts of 5 characters; nothing for other types.
std::optional<std::size_t> width_of_texts(std::string_view descr);

/// A text out of characters of 32 bits, little-endian; zeros, which fill it up to its width, end it. Throws Error at
/// `where` for what is no character.
std::string utf8_of_utf32(std::span<const std::byte> characters, const std::string& where);

}  // namespace dinghy::converter
