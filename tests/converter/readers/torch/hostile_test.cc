// Files that PyTorch never wrote, or not to the end.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "converter/error.h"
#include "converter/readers/archive.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;

const std::string kFour = bytes_of<float>({1, 2, 3, 4});

/// {"weight": tensor}
PickleAssembler dict_of_tensor(std::int64_t numel, std::int64_t offset, const std::vector<std::int64_t>& size,
                               const std::vector<std::int64_t>& stride, std::string_view key = "0",
                               std::string_view storage_class = "FloatStorage") {
  PickleAssembler assembler;
  assembler.raw("}").text("weight").tensor(key, numel, offset, size, stride, storage_class).raw("s");
  return assembler;
}

std::string error_of_pickle(const PickleAssembler& assembler, const std::vector<std::string>& storages = {kFour}) {
  TemporaryFolder folder;
  return error_of(write_torch_zip(folder, assembler.stop(), storages));
}

TEST_CASE("a torch zip made by hand is read, so that the refusals below mean something", "[readers]") {
  TemporaryFolder folder;
  const std::string path = write_torch_zip(folder, dict_of_tensor(4, 0, {2, 2}, {2, 1}).stop(), {kFour});
  CHECK(read_checkpoint(path).find("weight")->values() == std::vector<double>{1, 2, 3, 4});
}

TEST_CASE("a pickle that calls a program is refused by name and runs nothing", "[readers]") {
  TemporaryFolder folder;
  const std::string trace = folder.path("was_here");
  for (const char* module : {"os", "posix", "nt", "subprocess"}) {
    PickleAssembler alone;
    alone.global(module, "system").text("touch " + trace).raw("\x85R");
    CHECK_THAT(error_of_pickle(alone), ContainsSubstring("model.pth: model/data.pkl: the pickle asks to call \"" +
                                                         std::string(module) + ".system\""));
    PickleAssembler beside_a_tensor;
    beside_a_tensor.raw("}(").text("weight").tensor("0", 4, 0, {4}, {1}).text("x");
    beside_a_tensor.global(module, "system").text("touch " + trace).raw("\x85Ru");
    CHECK_THAT(error_of_pickle(beside_a_tensor), ContainsSubstring("nothing was run"));
  }
  PickleAssembler evaluated;
  evaluated.global("builtins", "eval").text("1").raw("\x85R");
  CHECK_THAT(error_of_pickle(evaluated), ContainsSubstring("\"builtins.eval\""));
  CHECK_FALSE(std::filesystem::exists(trace));
}

TEST_CASE("a pickle that names any starter of Python's library is refused", "[readers]") {
  for (const auto& [module, name] :
       std::vector<std::pair<std::string, std::string>>{{"importlib", "import_module"},
                                                        {"importlib._bootstrap", "_load"},
                                                        {"ctypes", "CDLL"},
                                                        {"ctypes.util", "find_library"},
                                                        {"builtins", "getattr"},
                                                        {"__builtin__", "execfile"},
                                                        {"builtins", "open"},
                                                        {"builtins", "breakpoint"},
                                                        {"webbrowser", "open"},
                                                        {"timeit", "timeit"},
                                                        {"_posixsubprocess", "fork_exec"},
                                                        {"pdb", "run"},
                                                        {"code", "interact"},
                                                        {"codeop", "compile_command"},
                                                        {"asyncio", "create_subprocess_shell"},
                                                        {"multiprocessing.util", "spawnv_passfds"},
                                                        {"pickle", "loads"},
                                                        {"operator", "attrgetter"},
                                                        {"cProfile", "run"},
                                                        {"trace", "Trace"},
                                                        {"ensurepip", "bootstrap"},
                                                        {"popen2", "popen3"},
                                                        {"torch.serialization", "os.system"},
                                                        {"numpy.testing", "utils.sys.exit"}}) {
    const std::string whole = module + "." + name;
    CAPTURE(whole);
    PickleAssembler beside_a_tensor;
    beside_a_tensor.raw("}(").text("weight").tensor("0", 4, 0, {4}, {1}).text("x");
    beside_a_tensor.global(module, name).text("touch x").raw("\x85Ru");
    CHECK_THAT(error_of_pickle(beside_a_tensor), ContainsSubstring("the pickle asks to call \"" + whole + "\""));
  }
}

TEST_CASE("a pickle's containers, values and classes of other packages are data", "[readers]") {
  TemporaryFolder folder;
  for (const auto& [module, name] : std::vector<std::pair<std::string, std::string>>{{"argparse", "Namespace"},
                                                                                     {"copy_reg", "_reconstructor"},
                                                                                     {"__builtin__", "set"},
                                                                                     {"pathlib", "PosixPath"},
                                                                                     {"__main__", "DIN"},
                                                                                     {"model.din", "Outer.Inner"}}) {
    CAPTURE(module, name);
    PickleAssembler beside_a_tensor;
    beside_a_tensor.raw("}(").text("weight").tensor("0", 4, 0, {4}, {1}).text("x");
    beside_a_tensor.global(module, name).raw(")Ru");
    CHECK(read_checkpoint(write_torch_zip(folder, beside_a_tensor.stop(), {kFour})).find("weight"));
  }
}

TEST_CASE("a pickle without a state_dict says what it is instead", "[readers]") {
  PickleAssembler object;
  object.global("sklearn.linear_model", "Ridge").raw(")\x81");
  CHECK_THAT(error_of_pickle(object), ContainsSubstring("an object of \"sklearn.linear_model.Ridge\"") &&
                                          ContainsSubstring("model.state_dict()"));
  CHECK_THAT(error_of_pickle(PickleAssembler().raw("}").text("epoch").raw("K\x01s")),
             ContainsSubstring("its keys are \"epoch\""));
  CHECK_THAT(error_of_pickle(PickleAssembler().raw("]")), ContainsSubstring("no dict"));
}

TEST_CASE("readers: state_dicts of several networks are refused, none is taken", "[readers]") {
  PickleAssembler two;
  two.raw("}(");
  for (const char* network : {"actor", "critic"}) {
    two.text(network).raw("}").text("weight").tensor("0", 4, 0, {4}, {1}).raw("s");
  }
  CHECK_THAT(error_of_pickle(two.raw("u")), ContainsSubstring("holds several state_dicts, actor, critic"));
}

TEST_CASE("a tensor outside its storage is refused by name, whatever overflows", "[readers]") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  const std::vector<PickleAssembler> outside{
      dict_of_tensor(4, 1, {2, 2}, {2, 1}),     dict_of_tensor(4, 0, {2, 3}, {2, 1}),
      dict_of_tensor(4, 0, {kHuge, 8}, {8, 1}), dict_of_tensor(4, 0, {2}, {kHuge}),
      dict_of_tensor(4, kHuge, {2}, {1}),       dict_of_tensor(4, 0, {kHuge}, {0}),
      dict_of_tensor(4, -1, {2, 2}, {2, 1}),    dict_of_tensor(4, 0, {-2, 2}, {2, 1}),
      dict_of_tensor(4, 0, {2, 2}, {-2, 1}),    dict_of_tensor(4, 0, {2, 2}, {1}),
      dict_of_tensor(-4, 0, {2, 2}, {2, 1}),    dict_of_tensor(INT64_MAX, 0, {2}, {1}),
  };
  for (const PickleAssembler& assembler : outside) {
    CHECK_THAT(error_of_pickle(assembler), ContainsSubstring("model/data.pkl: tensor \"weight\""));
  }
}

TEST_CASE("a storage that is missing, short, or named like a path is refused", "[readers]") {
  CHECK_THAT(error_of_pickle(dict_of_tensor(4, 0, {4}, {1}, "7")), ContainsSubstring("model/data/7: is missing"));
  CHECK_THAT(error_of_pickle(dict_of_tensor(4, 0, {4}, {1}), {kFour.substr(0, 15)}),
             ContainsSubstring("15 bytes where 16 should be"));
  CHECK_THAT(error_of_pickle(dict_of_tensor(4, 0, {4}, {1}, "../version")), ContainsSubstring("key is no number"));
  CHECK_THAT(error_of_pickle(dict_of_tensor(4, 0, {4}, {1}, "0", "QInt8Storage")),
             ContainsSubstring("torch.QInt8Storage"));
}

TEST_CASE("names that cannot be tensor names are refused", "[readers]") {
  PickleAssembler twice;
  twice.raw("}(").text("weight").tensor("0", 4, 0, {4}, {1}).text("weight").tensor("0", 4, 0, {4}, {1}).raw("u");
  CHECK_THAT(error_of_pickle(twice), ContainsSubstring("two tensors named \"weight\""));
  PickleAssembler newline;
  newline.raw("}").text("a\nb").tensor("0", 4, 0, {4}, {1}).raw("s");
  CHECK_THAT(error_of_pickle(newline), ContainsSubstring("not printable"));
}

TEST_CASE("tensors with wrong or missing arguments are refused", "[readers]") {
  const auto rebuilt = [](const char* function, const std::string& arguments) {
    PickleAssembler assembler;
    assembler.raw("}").text("weight").global("torch._utils", function).raw(arguments).raw("Rs");
    return error_of_pickle(assembler);
  };
  CHECK_THAT(rebuilt("_rebuild_tensor_v2", ")"), ContainsSubstring("lacks an argument"));
  CHECK_THAT(rebuilt("_rebuild_tensor_v2", "N"), ContainsSubstring("has no arguments"));
  CHECK_THAT(rebuilt("_rebuild_tensor_v2", "(NNNNNNt"), ContainsSubstring("has no storage"));
  CHECK_THAT(rebuilt("_rebuild_tensor_v2", "((NNNNNtQNNNNNt"), ContainsSubstring("has no storage"));
  CHECK_THAT(rebuilt("_rebuild_parameter", "(NNNt"), ContainsSubstring("without a tensor"));
  CHECK_THAT(rebuilt("_rebuild_qtensor", ")"), ContainsSubstring("_rebuild_qtensor"));
}

TEST_CASE("a module that holds itself as a child is refused, not followed", "[readers]") {
  PickleAssembler assembler;
  assembler.global("m", "M").raw(")\x81").raw("q\x01").raw("}(");
  assembler.text("_parameters").raw("}").text("_modules").raw("}").text("me").raw("h\x01s").raw("ub");
  CHECK_THAT(error_of_pickle(assembler), ContainsSubstring("holds itself"));
}

TEST_CASE("facts that grow without end are cut off, not followed", "[readers]") {
  // Twenty lists, each holding the one before ten times: 10^20 paths.
  PickleAssembler assembler;
  assembler.raw("}(").text("weight").tensor("0", 4, 0, {4}, {1}).text("bomb").raw("]");
  for (int level = 0; level < 20; ++level) {
    assembler.raw("q").byte(level + 1).raw("](");
    for (int i = 0; i < 10; ++i) assembler.raw("h").byte(level + 1);
    assembler.raw("e");
  }
  assembler.raw("u");
  PickleAssembler wrapped;
  TemporaryFolder folder;
  const std::string inner = assembler.stop();
  wrapped.raw("}(").text("model").raw(inner.substr(2, inner.size() - 3)).text("laughs").raw("h\x14u");
  const Checkpoint checkpoint = read_checkpoint(write_torch_zip(folder, wrapped.stop(), {kFour}));
  CHECK(checkpoint.tensors.size() == 1);
  CHECK(checkpoint.facts.size() <= 4096);
}

TEST_CASE("zips that are no torch file say what is missing", "[readers]") {
  TemporaryFolder folder;
  const std::string path = folder.path("model.pth");
  write_zip(path, {{"model/data/0", kFour}, {"model/version", "3\n"}});
  CHECK_THAT(error_of(path), ContainsSubstring("model.pth: lacks data.pkl"));
  write_zip(path, {{"readme.txt", "hello"}});
  CHECK_THAT(error_of(path), ContainsSubstring("holds no data.pkl (PyTorch)"));
  const std::string pickle = dict_of_tensor(4, 0, {4}, {1}).stop();
  write_zip(path, {{"m/data.pkl", pickle}, {"m/data/0", kFour}, {"m/byteorder", "big"}});
  CHECK_THAT(error_of(path), ContainsSubstring("m/byteorder: is not 'little'"));
  write_zip(path, {{"a/data.pkl", pickle}, {"b/data.pkl", pickle}});
  CHECK_THAT(error_of(path), ContainsSubstring("more than one data.pkl"));
}

TEST_CASE("a torch file cut at any length is an error, never a crash", "[readers][repeats]") {
  TemporaryFolder folder;
  for (const char* name : {"protocol4.pth", "legacy.pth", "deflated.npz"}) {
    const std::string whole = read_file(fixture(name));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      CHECK_FALSE(error_of(folder.write("cut.pth", whole.substr(0, length))).empty());
    }
  }
}

/// True when the file is read to the last number, false when it is refused; anything else fails the test.
bool is_read(const std::string& path) {
  try {
    for (const Tensor& tensor : read_checkpoint(path).tensors) tensor.values();
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string with_flipped_bit(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
  return bytes;
}

TEST_CASE("a torch file with a bit changed is read or refused", "[readers][repeats]") {
  TemporaryFolder folder;
  std::size_t refused = 0;
  for (const char* name : {"legacy.pth", "protocol4.pth"}) {
    const std::string whole = read_file(fixture(name));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      refused += !is_read(folder.write("odd.pth", with_flipped_bit(whole, at)));
    }
  }
  CHECK(refused > 500);
}

TEST_CASE("a pickle with a bit changed in an intact archive is read or refused", "[readers][repeats]") {
  TemporaryFolder folder;
  std::size_t refused = 0;
  for (const std::string name : {"whole", "whole4"}) {
    const auto archive = Archive::open(fixture(name + ".pth"));
    std::vector<Member> members;
    for (const std::string& member : archive->names()) {
      const std::vector<std::byte> bytes = archive->bytes(member, 1 << 20);
      members.push_back({member, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
    }
    const std::string pickle = members[0].bytes;
    REQUIRE(members[0].name == name + "/data.pkl");
    for (std::size_t at = 0; at < pickle.size(); ++at) {
      members[0].bytes = with_flipped_bit(pickle, at);
      write_zip(folder.path("odd.pth"), members);
      refused += !is_read(folder.path("odd.pth"));
    }
  }
  CHECK(refused > 500);
}

}  // namespace
}  // namespace dinghy::converter::test
