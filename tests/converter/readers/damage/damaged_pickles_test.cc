// Checkpoints in which one value of a pickle is of another kind, an extreme, or lacks a part.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>

#include "converter/readers/archive.h"
#include "converter/readers/numpy/id_list.h"
#include "converter/readers/storage.h"
#include "tests/converter/readers/damage/outcomes.h"
#include "tests/converter/readers/damage/pickle_writer.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

namespace fs = std::filesystem;

Pickle parsed(const std::string& bytes, std::size_t begin = 0, std::string_view harmless = {}) {
  const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
  return Pickle::parse(std::make_shared<const std::vector<std::byte>>(first, first + bytes.size()), begin, "a pickle",
                       harmless);
}

std::string text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Tensors as PyTorch makes them of a storage without a type, and with a list for a size.
std::string untyped_tensors() {
  PickleAssembler pickle;
  pickle.raw("}(");
  for (const char* name : {"tuple", "list"}) {
    const std::string size = std::string("(") + "K\x02K\x02";
    pickle.text(name).global("torch._utils", "_rebuild_tensor_v3").raw("((").text("storage");
    pickle.global("torch.storage", "UntypedStorage").text("0").text("cpu").raw("K\x10tQ").number(0);
    pickle
        .raw(name == std::string("list") ? "](K\x02K\x02"
                                           "e"
                                         : "(K\x02K\x02t")
        .raw("(K\x02K\x01t\x89}");
    pickle.global("torch", "float32").raw("}tR");
  }
  return pickle.raw("u").stop();
}

void check_zip(const std::string& name, std::vector<Member> members) {
  const TemporaryFolder folder;
  const std::string path = folder.path("model.pth"), pickle = members[0].bytes;
  const auto read = [&](const std::string& bytes) {
    members[0].bytes = bytes;
    write_zip(path, members);
    return text_of(read_checkpoint(path));
  };
  Outcomes outcomes(read(pickle), folder.path(""));
  for_each_damage(parsed(pickle), [&](const std::string& damaged) { outcomes.count([&] { return read(damaged); }); });
  outcomes.check(name);
}

}  // namespace

TEST_CASE("damage: values of a pickle in a torch file, a second or two", "[readers][repeats]") {
  const std::string name = GENERATE("protocol4", "parameter", "views", "dtensor-1");
  const auto archive = Archive::open(fixture(name + ".pth"));
  std::vector<Member> members;
  for (const std::string& member : archive->names()) members.push_back({member, text(archive->bytes(member, 1 << 20))});
  REQUIRE(members[0].name == name + "/data.pkl");
  check_zip("torch-" + name, members);
}

TEST_CASE("damage: values of tensors whose storage has no type", "[readers][repeats]") {
  check_zip("torch-untyped", {{"model/data.pkl", untyped_tensors()}, {"model/data/0", bytes_of<float>({1, 2, 3, 4})}});
}

TEST_CASE("damage: values of the pickles in a legacy torch file", "[readers][repeats]") {
  const TemporaryFolder folder;
  const std::string whole = read_file(fixture("legacy.pth"));
  Outcomes outcomes(text_of(read_checkpoint(folder.write("model.pth", whole))), folder.path(""));
  std::size_t begin = 15;  // behind the magic number
  for (int i = 0; i < 4; ++i) {
    const Pickle pickle = parsed(whole, begin);
    for_each_damage(pickle, [&](const std::string& damaged) {
      const std::string file = whole.substr(0, begin) + damaged + whole.substr(pickle.end());
      outcomes.count([&] { return text_of(read_checkpoint(folder.write("model.pth", file))); });
    });
    begin = pickle.end();
  }
  outcomes.check("torch-legacy");
}

TEST_CASE("damage: values of the metadata of a distributed checkpoint, seconds", "[readers][repeats]") {
  const std::string name = "dcp-sharded";
  const TemporaryFolder folder;
  fs::copy(fixture(name), folder.path("model"), fs::copy_options::recursive);
  const auto read = [&] { return text_of(read_checkpoint(folder.path("model"))); };
  Outcomes outcomes(read(), folder.path(""));
  for_each_damage(parsed(read_file(fixture(name + "/.metadata"))), [&](const std::string& damaged) {
    folder.write("model/.metadata", damaged);
    outcomes.count(read);
  });
  outcomes.check("torch-" + name);
}

TEST_CASE("damage: values of a .pdparams file", "[readers][repeats]") {
  const std::string name = GENERATE("protocol2", "protocol4", "wrapped");
  const TemporaryFolder folder;
  const std::string whole = read_file(fixture(name + ".pdparams"));
  const auto read = [&](const std::string& bytes) {
    return text_of(read_checkpoint(folder.write("model.pdparams", bytes)));
  };
  Outcomes outcomes(read(whole), folder.path(""));
  for_each_damage(parsed(whole, 0, "eval"),
                  [&](const std::string& damaged) { outcomes.count([&] { return read(damaged); }); });
  outcomes.check("paddle-" + name);
}

TEST_CASE("damage: values of an array of Python's texts in a .npy file", "[readers][repeats]") {
  const std::string whole = read_file(fixture("object_ids.npy"));
  const auto read = [](const std::string& file) {
    const auto* first = reinterpret_cast<const std::byte*>(file.data());
    const std::vector<std::byte> bytes(first, first + file.size());
    return id_list_of_npy(std::make_shared<BufferStorage>(bytes), "folder/ids.npy").value_or("(no list)");
  };
  Outcomes outcomes(read(whole), "folder/");
  const std::size_t begin = whole.find("\x80");
  for_each_damage(parsed(whole, begin), [&](const std::string& damaged) {
    outcomes.count([&] { return read(whole.substr(0, begin) + damaged); });
  });
  outcomes.check("numpy-objects");
}

}  // namespace dinghy::converter::test
