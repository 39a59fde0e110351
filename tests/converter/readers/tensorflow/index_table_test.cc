// The .index of a TensorFlow checkpoint, byte by byte: what no table of LevelDB says.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/readers/tensorflow/crc32c.h"
#include "converter/readers/tensorflow/slice_key.h"
#include "tests/converter/readers/odd_files.h"
#include "tests/converter/readers/onnx/onnx_writer.h"
#include "tests/converter/readers/tensorflow/index_writer.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

}  // namespace

TEST_CASE("Hostile tables of a .index are refused", "[readers]") {
  TemporaryFolder folder;
  const auto refused = [&](const std::string& bytes) {
    folder.write("ckpt.index", bytes);
    return error_of(folder.path("ckpt.index"));
  };
  const std::string header = "\x08\x01";
  CHECK_THAT(refused(table({{"", header}}, 1)), ContainsSubstring("is compressed"));
  CHECK_THAT(refused(table({{"w", "\x08\x01"}})), ContainsSubstring("has no header"));
  CHECK_THAT(refused(table({{"", "\x08\x01\x10\x01"}})), ContainsSubstring("big-endian"));
  CHECK_THAT(refused(table({{"", header}, {"", header}})), ContainsSubstring("has a key twice"));
  // LevelDB's own reader follows this offset to before the mapped file.
  const std::string front = std::string(4096, 'x') + block({});
  CHECK_THAT(refused(front + footer(front.size(), ~std::uint64_t{0} - 70000, 70100)),
             ContainsSubstring("reaches outside the file"));
  // 2^62 rows of float32, and the one byte that is there.
  folder.write("ckpt.data-00000-of-00001", "x");
  const std::string huge =
      "\x08\x01" + std::string("\x12\x0d\x12\x0b\x08") + varint(std::uint64_t{1} << 62) + "\x28\x01";
  CHECK_THAT(refused(table({{"", header}, {"w", huge}})), ContainsSubstring("ckpt"));
}

TEST_CASE("A .index whose key shares more than there is is refused", "[readers]") {
  const TemporaryFolder folder;
  const std::string header = "\x08\x01";
  for (const std::uint64_t shared : {std::uint64_t{1}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    const std::string data = closed(entry("", header) + entry("w", header, shared));
    folder.write("ckpt.index", table_of(data, {{0, data.size() - 5}}));
    CHECK_THAT(error_of(folder.path("ckpt.index")), ContainsSubstring("has a broken list of entries"));
  }
}

TEST_CASE("Blocks of a .index that overlap are refused", "[readers]") {
  const TemporaryFolder folder;
  const std::string empty = block({}), header = block({{"", "\x08\x01"}});
  const std::string data = empty + header;
  const std::uint64_t behind = empty.size();
  folder.write("ckpt.index", table_of(data, {{0, empty.size() - 5}, {behind, header.size() - 5}}));
  CHECK(read_checkpoint(folder.path("ckpt.index")).tensors.empty());
  // An empty block may be read over and over: no key is there twice.
  for (const std::uint64_t first : {std::uint64_t{0}, behind}) {
    const std::uint64_t size = first == 0 ? empty.size() - 5 : header.size() - 5;
    folder.write("ckpt.index", table_of(data, {{first, size}, {0, empty.size() - 5}}));
    CHECK_THAT(error_of(folder.path("ckpt.index")), ContainsSubstring("has blocks that overlap"));
  }
}

TEST_CASE("A .index of more .data files than names can count is refused", "[readers]") {
  const TemporaryFolder folder;
  const auto of_files = [&](std::uint64_t count) {
    return folder.write("ckpt.index", table({{"", "\x08" + varint(count)}}));
  };
  CHECK(read_checkpoint(of_files(99999)).tensors.empty());
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{100'000}, ~std::uint64_t{0}}) {
    CHECK_THAT(error_of(of_files(count)), ContainsSubstring("has an impossible number of .data files"));
  }
}

TEST_CASE("Variables of TensorFlow that lie in one place, and would each be read, are refused", "[readers]") {
  TemporaryFolder folder;
  const std::string number = bytes_of<float>({1});
  folder.write("ckpt.data-00000-of-00001", number);
  const std::string one = "\x08\x01\x12\x04\x12\x02\x08\x01\x28\x04\x35" + fixed32(masked_crc32c(crc32c(0, number)));
  folder.write("ckpt.index", table({{"", "\x08\x01"}, {"a", one}}));
  CHECK(read_checkpoint(folder.path("ckpt.index")).find("a")->values() == std::vector<double>{1});
  folder.write("ckpt.index", table({{"", "\x08\x01"}, {"a", one}, {"b", one}}));
  CHECK_THAT(error_of(folder.path("ckpt.index")), ContainsSubstring("up to \"b\": they overlap"));
  folder.write("ckpt.index", table({{"", "\x08\x01"}, {"a", one + "\x18\x01"}}));
  CHECK_THAT(error_of(folder.path("ckpt.index")), ContainsSubstring("names a .data file that there is not"));
}

TEST_CASE("A partitioned variable whose parts leave a gap is refused", "[readers]") {
  const TemporaryFolder folder;
  folder.write("ckpt.data-00000-of-00001", bytes_of<float>({1, 2}));
  const auto of = [](std::uint32_t field, const std::string& bytes) { return bytes_field(field, bytes); };
  const auto shape_of = [&](std::uint64_t rows) { return of(2, of(2, varint_field(1, rows))); };
  const auto slice_of = [&](std::uint64_t start) { return of(7, of(1, varint_field(1, start) + varint_field(2, 1))); };
  const auto part = [&](float number, std::uint64_t offset, const std::string& shape) {
    return "\x08\x01" + shape + varint_field(4, offset) + varint_field(5, 4) + "\x35" +
           fixed32(masked_crc32c(crc32c(0, bytes_of<float>({number}))));
  };
  const auto read = [&](std::int64_t second, const std::string& shape) {
    const std::string whole = "\x08\x01" + shape_of(2) + slice_of(0) + slice_of(static_cast<std::uint64_t>(second));
    folder.write("ckpt.index", table({{"", "\x08\x01"},
                                      {slice_key("t", {{0, 1}}), part(1, 0, shape)},
                                      {slice_key("t", {{second, 1}}), part(2, 4, shape)},
                                      {"t", whole}}));
    return read_checkpoint(folder.path("ckpt.index"));
  };
  CHECK(read(1, shape_of(1)).find("t")->values() == std::vector<double>{1, 2});
  for (const auto& [second, shape] : {std::pair(std::int64_t{5}, shape_of(1)), std::pair(std::int64_t{1}, of(2, ""))}) {
    CHECK_THROWS_MATCHES(read(second, shape), Error, MessageMatches(ContainsSubstring("have gaps or overlap")));
  }
}

TEST_CASE("Blocks of a .index that end early are refused", "[readers]") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& data, std::uint64_t size) {
    folder.write("ckpt.index", table_of(data, {{0, size}}));
    return error_of(folder.path("ckpt.index"));
  };
  const std::string header = entry("", "\x08\x01");
  for (const std::string& list : {std::string("\1\0\0", 3), fixed32(1), header + fixed32(256)}) {
    CHECK_THAT(refused(sealed(list), list.size()), ContainsSubstring("block at byte 0: has a broken list of entries"));
  }
  const std::string longer = varint(0) + varint(0) + varint(9) + "\x08\x01";  // a value of nine bytes
  CHECK_THAT(refused(closed(longer), closed(longer).size() - 5), ContainsSubstring("ends too early"));
  const std::string empty = block({});
  folder.write("ckpt.index", empty + footer(empty.size(), 0, empty.size() + 48 - 4));  // no room for a checksum
  CHECK_THAT(error_of(folder.path("ckpt.index")), ContainsSubstring("reaches outside the file"));
}

TEST_CASE("A .index whose keys share their bytes cannot expand without end", "[readers]") {
  const TemporaryFolder folder;
  const std::string front(4096, 'k');
  std::string body = entry("", "\x08\x01") + entry(front, "");
  for (char c = 'a'; c <= 'z'; ++c) {
    for (char d = 'a'; d <= 'z'; ++d) body += entry({c, d}, "", front.size());
  }
  const std::string data = closed(body);
  folder.write("ckpt.index", table_of(data, {{0, data.size() - 5}}));
  CHECK_THAT(error_of(folder.path("ckpt.index")), ContainsSubstring("expands to more than 64 times its size"));
}

TEST_CASE("CRC-32C is Castagnoli's", "[readers]") { CHECK(crc32c(0, "123456789") == 0xe3069283u); }

}  // namespace dinghy::converter::test
