// Reads what LevelDB writes into its tables: varints, little-endian numbers, bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dinghy::converter {

/// Every step past the end throws Error.
class BlockReader {
 public:
  /// `where` is the place in errors; `bytes` outlive the reader.
  BlockReader(std::string_view bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  bool done() const { return bytes_.empty(); }
  std::string_view take(std::uint64_t count);
  std::uint64_t varint();
  std::uint32_t fixed32();

 private:
  std::string_view bytes_;
  std::string where_;
};

}  // namespace dinghy::converter
