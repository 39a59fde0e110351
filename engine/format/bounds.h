// Bounds of what a file may ask for (schema/FORMAT.md, "Bounds"). They keep every product of two sizes inside 64 bits,
// and time and memory near the size of the file. Real models are far below.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model_generated.h"

namespace dinghy::format {

inline constexpr std::uint32_t kMaxWidth = 1u << 16;    // of a vector, a layer, a history
inline constexpr std::uint32_t kMaxInput = 1u << 18;    // of the tower's concatenation, of each kind of row
inline constexpr std::uint32_t kMaxObjects = 1u << 12;  // tables, features, parts …
inline constexpr std::uint32_t kMaxInterests = 1u << 8;
inline constexpr std::uint32_t kMaxName = 1u << 10;  // bytes of a feature's name, of the version

/// How many tables a FlatBuffer of `size` bytes can hold, for its verifier: a table takes four bytes, and four more
/// where it is named. One that is named twice is counted twice: without this bound a few KB could ask for a hundred
/// thousand structs.
inline flatbuffers::uoffset_t most_tables(std::size_t size) noexcept {
  return static_cast<flatbuffers::uoffset_t>(size / 8);
}

/// Number of entries; 0 for an absent vector.
template <class T>
std::uint32_t count(const flatbuffers::Vector<T>* vector) noexcept {
  return vector == nullptr ? 0 : vector->size();
}

/// Empty for an absent text.
inline std::string_view text(const flatbuffers::String* string) noexcept {
  return string == nullptr ? std::string_view() : std::string_view(string->c_str(), string->size());
}

}  // namespace dinghy::format
