#include "tests/fuzz/packed_files.h"

#include <zip.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "converter/readers/tensorflow/crc32c.h"

namespace dinghy::fuzz {
namespace {

namespace fs = std::filesystem;

std::string_view take_line(std::string_view& input) {
  const std::string_view line = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(input.size(), line.size() + 1));
  return line;
}

std::string safe_name(std::string_view line) {
  std::string name;
  for (const char c : line.substr(0, 100)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain || std::string_view("._-$/").find(c) != std::string_view::npos ? c : '_';
  }
  const bool leaves = name.empty() || name.find("..") != name.npos || name.front() == '/' || name.back() == '/';
  return leaves || name.find("//") != name.npos || name.find("./") != name.npos ? "file" : name;
}

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string fixed32(std::uint32_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

/// Appends a block of LevelDB and gives its handle.
std::string add_block(std::string entries, std::string& table) {
  entries += fixed32(0) + fixed32(1);  // one restart, at the first entry
  const std::string handle = varint(table.size()) + varint(entries.size());
  entries += '\0';
  table += entries + fixed32(converter::masked_crc32c(converter::crc32c(0, entries)));
  return handle;
}

}  // namespace

std::vector<NamedFile> unpack(std::string_view input) {
  std::vector<NamedFile> files;
  while (!input.empty() && files.size() < 16) {
    NamedFile file{safe_name(take_line(input)), ""};
    const std::string_view digits = take_line(input);
    std::size_t size = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), size);
    file.bytes = input.substr(0, size);
    input.remove_prefix(file.bytes.size());
    files.push_back(std::move(file));
  }
  return files;
}

void write_folder(const std::vector<NamedFile>& files, const std::string& folder) {
  fs::remove_all(folder);
  fs::create_directory(folder);
  for (const NamedFile& file : files) {
    const fs::path path = fs::path(folder) / file.name;
    std::error_code exists_as_file;
    fs::create_directories(path.parent_path(), exists_as_file);
    std::ofstream(path, std::ios::binary) << file.bytes;
  }
}

void write_zip(const std::vector<NamedFile>& files, const std::string& path) {
  zip_t* const archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const NamedFile& file : files) {
    zip_source_t* const source = zip_source_buffer(archive, file.bytes.data(), file.bytes.size(), 0);
    const zip_int64_t index = zip_file_add(archive, file.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);  // a name that is there already
    } else {
      zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
    }
  }
  if (zip_close(archive) != 0) zip_discard(archive);
}

std::string index_around(std::string_view entries) {
  std::string table;
  const std::string data = add_block(std::string(entries), table);
  const std::string statistics = add_block("", table);
  const std::string last_key = "\xff";
  const std::string index =
      add_block(varint(0) + varint(last_key.size()) + varint(data.size()) + last_key + data, table);
  std::string footer = statistics + index;
  footer.resize(40);
  return table + footer + "\x57\xfb\x80\x8b\x24\x75\x47\xdb";
}

}  // namespace dinghy::fuzz
