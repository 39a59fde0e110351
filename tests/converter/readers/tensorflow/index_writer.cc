#include "tests/converter/readers/tensorflow/index_writer.h"

#include "converter/readers/tensorflow/crc32c.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

constexpr const char* kMagic = "\x57\xfb\x80\x8b\x24\x75\x47\xdb";

}  // namespace

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string fixed32(std::uint32_t value) { return bytes_of(std::vector<std::uint32_t>{value}); }

std::string sealed(std::string body, char type) {
  body += type;
  return body + fixed32(masked_crc32c(crc32c(0, body)));
}

std::string closed(std::string body, char type) { return sealed(body + fixed32(0) + fixed32(1), type); }

std::string entry(const std::string& key, const std::string& value, std::uint64_t shared) {
  return varint(shared) + varint(key.size()) + varint(value.size()) + key + value;
}

std::string block(const Entries& entries, char type) {
  std::string body;
  for (const auto& [key, value] : entries) body += entry(key, value);
  return closed(body, type);
}

std::string footer(std::uint64_t end, std::uint64_t offset, std::uint64_t size) {
  const std::uint64_t empty = block({}).size();
  std::string bytes = varint(end - empty) + varint(empty - 5) + varint(offset) + varint(size);
  bytes.resize(40);
  return bytes + kMagic;
}

std::string table_of(const std::string& data, const std::vector<std::pair<std::uint64_t, std::uint64_t>>& places) {
  Entries handles;
  for (const auto& [offset, size] : places) handles.emplace_back("z", varint(offset) + varint(size));
  const std::string index = block(handles);
  const std::string all = data + index + block({});
  return all + footer(all.size(), data.size(), index.size() - 5);
}

std::string table(const Entries& entries, char type) {
  const std::string data = block(entries, type);
  return table_of(data, {{0, data.size() - 5}});
}

}  // namespace dinghy::converter::test
