// Files that the real Paddle wrote (make_paddle_fixtures.py), and others that it never would.
#include "converter/readers/paddle/pdparams.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Values = std::vector<double>;

// numpy.core.multiarray._reconstruct with the state of a float32 array [2] of 1, 2.
PickleAssembler& array(PickleAssembler& pickle, const std::string& bytes, std::int64_t extent = 2,
                       const std::string& dtype = "f4", const std::string& order = "<") {
  pickle.global("numpy.core.multiarray", "_reconstruct").global("numpy", "ndarray").raw("K").byte(0).raw("\x85");
  pickle.raw("C").byte(1).raw("b").raw("\x87R(").raw("K").byte(1).number(extent).raw("\x85");
  pickle.global("numpy", "dtype").text(dtype).raw("\x89\x88\x87R(").raw("K").byte(3).text(order).raw("tb\x89");
  return pickle.raw("C").byte(static_cast<int>(bytes.size())).raw(bytes).raw("tb");
}

const std::string kTwo = bytes_of<float>({1, 2});

std::string fact(const Checkpoint& checkpoint, const std::string& path) {
  for (const auto& [key, value] : checkpoint.facts) {
    if (key == path) return value;
  }
  return "(no fact '" + path + "')";
}

}  // namespace

TEST_CASE("a state_dict of Paddle comes out the same from pickle protocols 2 and 4, with its parameters' own names",
          "[readers]") {
  for (const char* name : {"protocol2.pdparams", "protocol4.pdparams", "wrapped.pdparams"}) {
    INFO(name);
    const Checkpoint checkpoint = read_checkpoint(fixture(name));
    CHECK(checkpoint.format == "paddle pdparams");
    REQUIRE(checkpoint.tensors.size() == 2);
    REQUIRE(checkpoint.find("weight"));
    CHECK(checkpoint.find("weight")->shape == std::vector<std::int64_t>{2, 3});
    CHECK(checkpoint.find("weight")->values() == Values{0, 1, 2, 3, 4, 5});
    CHECK(checkpoint.find("bias")->values() == Values{198, 199, 200});
    CHECK(fact(checkpoint, "parameter.weight") == "linear_0.w_0");
    CHECK(fact(checkpoint, "parameter.bias") == "linear_0.b_0");
  }
}

TEST_CASE(
    "Trap 29: Paddle's bfloat16, which NumPy knows as unsigned integers, comes out as numbers like every other type",
    "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("dtypes.pdparams"));
  for (const char* type : {"float16", "bfloat16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64"}) {
    INFO(type);
    const Tensor* tensor = checkpoint.find(type);
    REQUIRE(tensor);
    CHECK(name_of(tensor->dtype) == std::string(type));
    CHECK(tensor->values() == Values{0, 1, 2, 3, 4, 5});
  }
  CHECK(checkpoint.find("bool")->values() == Values{0, 1, 1, 1, 1, 1});
}

TEST_CASE("Paddle's old form of a tensor is taken apart, never evaluated", "[readers]") {
  const TemporaryFolder folder;
  const auto evaluating = [&](const std::string& text, const std::string& key) {
    PickleAssembler pickle(2);
    pickle.raw("}").text("table").global("__builtin__", "eval").text(text).raw("}").text(key);
    return folder.write("a.pdparams", array(pickle, kTwo).raw("s\x86Rs").stop());
  };
  const Checkpoint checkpoint = read_checkpoint(evaluating("data", "data"));
  REQUIRE(checkpoint.tensors.size() == 1);
  CHECK(checkpoint.tensors[0].name == "table");
  CHECK(checkpoint.tensors[0].values() == Values{1, 2});
  for (const auto& [text, key] : {std::pair("__import__('os').system('true')", "data"), std::pair("data", "other")}) {
    CHECK_THAT(error_of(evaluating(text, key)),
               ContainsSubstring("asks to evaluate a text") && ContainsSubstring("nothing was run"));
  }
}

TEST_CASE("Paddle's old form without its text or array is refused", "[readers]") {
  const TemporaryFolder folder;
  const auto refused = [&](const PickleAssembler& pickle) {
    CHECK_THAT(error_of(folder.write("a.pdparams", pickle.stop())), ContainsSubstring("asks to evaluate a text"));
  };
  const auto evaluating = [](const std::string& text) {
    PickleAssembler pickle(3);
    pickle.raw("}").text("table").global("builtins", "eval").raw(text);
    return pickle;
  };
  refused(evaluating("").raw(")Rs"));
  PickleAssembler of_bytes = evaluating("C\4data").raw("}").text("data");
  refused(array(of_bytes, kTwo).raw("s\x86Rs"));
  refused(evaluating("").text("data").raw("}").text("data").raw("Ns\x86Rs"));
}

TEST_CASE("a .pdparams that would start a program in Python is refused", "[readers]") {
  const TemporaryFolder folder;
  PickleAssembler pickle(2);
  pickle.raw("}").text("table").global("posix", "system").text("true").raw("\x85Rs");
  CHECK_THAT(error_of(folder.write("a.pdparams", pickle.stop())), ContainsSubstring("posix.system"));
}

TEST_CASE("arrays in a pickle that do not fit their bytes are refused by name", "[readers]") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& bytes, std::int64_t extent, const std::string& dtype,
                           const std::string& order) {
    PickleAssembler pickle(2);
    pickle.raw("}").text("table");
    return error_of(folder.write("a.pdparams", array(pickle, bytes, extent, dtype, order).raw("s").stop()));
  };
  CHECK_THAT(refused(kTwo, 3, "f4", "<"), ContainsSubstring("\"table\": has 8 bytes, which is not [3] of float32"));
  CHECK_THAT(refused(kTwo + "x", 2, "f4", "<"), ContainsSubstring("has 9 bytes"));
  CHECK_THAT(refused(kTwo, -2, "f4", "<"), ContainsSubstring("negative"));
  CHECK_THAT(refused(kTwo, 2, "f4", ">"), ContainsSubstring("big-endian"));
  CHECK_THAT(refused(kTwo, 1, "O8", "|"), ContainsSubstring("Python objects"));
  CHECK_THAT(refused(kTwo, 2, "u4", "<"), ContainsSubstring("\"<u4\""));
}

TEST_CASE("tables that an old protocol cut into slices are refused with the way out", "[readers]") {
  const TemporaryFolder folder;
  PickleAssembler pickle(2);
  pickle.raw("}").text("UnpackBigParamInfor@@").raw("}s");
  CHECK_THAT(error_of(folder.write("a.pdparams", pickle.stop())), ContainsSubstring("protocol=4"));
}

TEST_CASE("a bare pickle without arrays by name says what would have them", "[readers]") {
  CHECK_THAT(error_of(fixture("list.pdparams")), ContainsSubstring("without arrays by name"));
}

TEST_CASE("a .pdparams cut at any length is refused", "[readers][repeats]") {
  const TemporaryFolder folder;
  const std::string whole = read_file(fixture("protocol2.pdparams"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(error_of(folder.write("cut.pdparams", whole.substr(0, length))).empty());
  }
}

}  // namespace dinghy::converter::test
