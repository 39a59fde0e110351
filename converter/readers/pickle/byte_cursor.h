// Reads a pickle's bytes in order; every step past the end is an Error that names the offset.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "converter/error.h"

namespace dinghy::converter {

class ByteCursor {
 public:
  ByteCursor(std::span<const std::byte> bytes, std::size_t offset, std::string where)
      : bytes_(bytes), offset_(offset), where_(std::move(where)) {}

  std::size_t offset() const { return offset_; }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where_ + ", byte " + std::to_string(offset_), what);
  }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - offset_) fail("the pickle ends too early: the file is truncated or damaged");
    const char* begin = reinterpret_cast<const char*>(bytes_.data()) + offset_;
    offset_ += count;
    return {begin, static_cast<std::size_t>(count)};
  }

  /// Little-endian, `width` bytes.
  std::uint64_t unsigned_number(std::size_t width) {
    std::uint64_t value = 0;
    std::size_t shift = 0;
    for (const char c : take(width)) {
      value |= std::uint64_t{static_cast<unsigned char>(c)} << shift;
      shift += 8;
    }
    return value;
  }

  std::int32_t int32() { return static_cast<std::int32_t>(unsigned_number(4)); }

  double big_endian_double() {
    std::uint64_t bits = 0;
    for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
    return std::bit_cast<double>(bits);
  }

  /// Up to the next '\n', which is consumed and left out.
  std::string_view line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + offset_, bytes_.size() - offset_);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) fail("the pickle ends within a name: the file is truncated or damaged");
    offset_ += end + 1;
    return rest.substr(0, end);
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t offset_;
  std::string where_;
};

}  // namespace dinghy::converter
