#include "converter/readers/tensorflow/block_reader.h"

#include "converter/error.h"

namespace dinghy::converter {

std::string_view BlockReader::take(std::uint64_t count) {
  if (count > bytes_.size()) throw Error(where_, "ends too early: the file is truncated or damaged");
  const std::string_view taken = bytes_.substr(0, static_cast<std::size_t>(count));
  bytes_.remove_prefix(taken.size());
  return taken;
}

std::uint64_t BlockReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1).front());
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  throw Error(where_, "holds a number of more than 64 bits: the file is damaged");
}

std::uint32_t BlockReader::fixed32() {
  std::uint32_t value = 0;
  unsigned shift = 0;
  for (const char c : take(4)) {
    value |= std::uint32_t{static_cast<unsigned char>(c)} << shift;
    shift += 8;
  }
  return value;
}

}  // namespace dinghy::converter
