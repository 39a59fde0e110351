#include "tests/converter/readers/odd_files.h"

#include <zip.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "converter/error.h"

namespace dinghy::converter::test {

void write_zip(const std::string& path, const std::vector<Member>& members) {
  std::filesystem::remove(path);  // replacing a file costs a write to the disk at once
  int code = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  REQUIRE(archive);
  for (const Member& member : members) {
    zip_source_t* source = zip_source_buffer(archive, member.bytes.data(), member.bytes.size(), 0);
    const zip_int64_t index = zip_file_add(archive, member.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    REQUIRE(index >= 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), member.deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                             0);
  }
  REQUIRE(zip_close(archive) == 0);
}

std::string write_torch_zip(const TemporaryFolder& folder, const std::string& pickle,
                            const std::vector<std::string>& storages) {
  std::vector<Member> members{{"model/data.pkl", pickle}};
  for (std::size_t i = 0; i < storages.size(); ++i) members.push_back({"model/data/" + std::to_string(i), storages[i]});
  members.push_back({"model/version", "3\n"});
  write_zip(folder.path("model.pth"), members);
  return folder.path("model.pth");
}

std::string fixture(const std::string& name) { return DINGHY_SOURCE_DIR "/tests/converter/readers/fixtures/" + name; }

std::string error_of(const std::string& path) {
  try {
    read_checkpoint(path);
  } catch (const Error& error) {
    return error.what();
  }
  FAIL("reading " << path << " gave no error");
  return "";
}

PickleAssembler& PickleAssembler::u32(std::uint64_t value) {
  for (int shift = 0; shift < 32; shift += 8) byte(static_cast<int>(value >> shift & 0xff));
  return *this;
}

PickleAssembler& PickleAssembler::number(std::int64_t value) {
  raw("\x8a\x08");
  u32(static_cast<std::uint64_t>(value) & 0xffffffff);
  return u32(static_cast<std::uint64_t>(value) >> 32);
}

PickleAssembler& PickleAssembler::global(std::string_view module, std::string_view name) {
  return raw("c").raw(module).raw("\n").raw(name).raw("\n");
}

PickleAssembler& PickleAssembler::tuple(const std::vector<std::int64_t>& numbers) {
  raw("(");
  for (const std::int64_t value : numbers) number(value);
  return raw("t");
}

PickleAssembler& PickleAssembler::tensor(std::string_view key, std::int64_t numel, std::int64_t offset,
                                         const std::vector<std::int64_t>& size, const std::vector<std::int64_t>& stride,
                                         std::string_view storage_class) {
  global("torch._utils", "_rebuild_tensor_v2").raw("(");
  raw("(").text("storage").global("torch", storage_class).text(key).text("cpu").number(numel).raw("tQ");
  number(offset).tuple(size).tuple(stride);
  return raw("\x89").global("collections", "OrderedDict").raw(")RtR");
}

std::shared_ptr<const std::vector<std::byte>> PickleAssembler::bytes() const {
  const std::string whole = stop();
  const auto* begin = reinterpret_cast<const std::byte*>(whole.data());
  return std::make_shared<const std::vector<std::byte>>(begin, begin + whole.size());
}

}  // namespace dinghy::converter::test
