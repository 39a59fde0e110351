#include "converter/readers/numpy/npy.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;

std::string npy(const std::string& header, const std::string& data) {
  const auto length = static_cast<std::uint16_t>(header.size());
  return std::string("\x93NUMPY\x01\x00", 8) + bytes_of<std::uint16_t>({length}) + header + data;
}

TEST_CASE("NumPy's archives come out the same stored and deflated", "[readers]") {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const Checkpoint checkpoint = read_checkpoint(fixture(name));
    CHECK(checkpoint.format == "npz");
    REQUIRE(checkpoint.tensors.size() == 11);
    for (const Tensor& tensor : checkpoint.tensors) {
      INFO(tensor.name);
      if (tensor.name == "scalar")
        CHECK(tensor.values() == std::vector<double>{7.5});
      else if (tensor.name == "bool")
        CHECK(tensor.values() == std::vector<double>{0, 1, 1, 1, 1, 1});
      else
        CHECK(tensor.values() == std::vector<double>{0, 1, 2, 3, 4, 5});
    }
    const Tensor* fortran = checkpoint.find("scope/fortran:0");
    REQUIRE(fortran);
    CHECK(fortran->strides == std::vector<std::int64_t>{1, 2});
    CHECK(checkpoint.find("float16")->dtype == DType::f16);
    CHECK(checkpoint.find("int64")->dtype == DType::i64);
  }
}

TEST_CASE("a single .npy is a checkpoint of one tensor", "[readers]") {
  const Checkpoint checkpoint = read_checkpoint(fixture("single.npy"));
  REQUIRE(checkpoint.tensors.size() == 1);
  CHECK(checkpoint.tensors[0].name == "single");
  CHECK(checkpoint.tensors[0].values() == std::vector<double>{0, 1, 2, 3, 4, 5});
  CHECK(read_checkpoint(fixture("version2.npy")).tensors[0].values().size() == 6);
}

TEST_CASE("arrays that are no plain little-endian numbers are refused with the way out", "[readers]") {
  CHECK_THAT(error_of(fixture("big_endian.npy")), ContainsSubstring("astype('<f4')"));
  CHECK_THAT(error_of(fixture("objects.npy")), ContainsSubstring("Python objects"));
  CHECK_THAT(error_of(fixture("records.npy")), ContainsSubstring("records"));
  CHECK_THAT(error_of(fixture("text.npy")), ContainsSubstring("\"<U2\""));
}

TEST_CASE("a .npy cut at any length is refused", "[readers][repeats]") {
  TemporaryFolder folder;
  const std::string whole = read_file(fixture("single.npy"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(error_of(folder.write("cut.npy", whole.substr(0, length))).empty());
  }
}

TEST_CASE("an .npz with a member of another kind is refused", "[readers]") {
  const TemporaryFolder folder;
  write_zip(folder.path("a.npz"), {{"a.npy", read_file(fixture("single.npy"))}, {"README", "text"}});
  CHECK_THAT(error_of(folder.path("a.npz")), ContainsSubstring("README: is no .npy array"));
}

TEST_CASE("a .npy of more than 32 dimensions is refused", "[readers]") {
  const TemporaryFolder folder;
  const auto with = [&](int dimensions) {
    std::string shape;
    for (int i = 0; i < dimensions; ++i) shape += "1,";
    const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
    return folder.write("a.npy", npy(header, bytes_of<float>({1})));
  };
  CHECK(read_checkpoint(with(32)).tensors[0].values() == std::vector<double>{1});
  CHECK(error_of(with(33)) == folder.path("a.npy") + ": has more than 32 dimensions");
}

TEST_CASE("a .npy header of more than 64 KiB is refused", "[readers]") {
  const TemporaryFolder folder;
  const auto with = [&](std::size_t length) {
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
    header.resize(length, ' ');
    const auto size = static_cast<std::uint32_t>(length);
    const std::string front = std::string("\x93NUMPY\x02\x00", 8) + bytes_of<std::uint32_t>({size});
    return folder.write("a.npy", front + header + bytes_of<float>({1}));
  };
  CHECK(read_checkpoint(with(1 << 16)).tensors[0].values() == std::vector<double>{1});
  CHECK_THAT(error_of(with((1 << 16) + 1)), ContainsSubstring("ends within its header"));
}

TEST_CASE("a .npy header is read as strictly as NumPy writes it", "[readers]") {
  TemporaryFolder folder;
  const std::string data = bytes_of<float>({1, 2});
  const auto write = [&](const std::string& header, const std::string& bytes) {
    return folder.write("a.npy", npy(header, bytes));
  };
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  CHECK(read_checkpoint(write(good, data)).tensors[0].values() == std::vector<double>{1, 2});
  CHECK(read_checkpoint(write("{\"shape\":(2L,),\"descr\":\"<f4\",\"fortran_order\":True}  \n", data)).tensors.size() ==
        1);
  CHECK_THAT(error_of(write(good, data + "x")), ContainsSubstring("holds 9 bytes"));
  const auto refused = [&](const std::string& header) { return error_of(write(header, data)); };
  for (const char* two : {"{'descr': '<f4', 'shape': (2,), }", "{'descr': '<f4', 'fortran_order': False, }",
                          "{'fortran_order': False, 'shape': (2,), }"}) {
    CHECK_THAT(refused(two), ContainsSubstring("lacks a key"));
  }
  CHECK_THAT(refused("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 'y'}"),
             ContainsSubstring("unknown"));
  CHECK_THAT(refused(good + "junk"), ContainsSubstring("text behind"));
  CHECK_THAT(refused("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }"), ContainsSubstring("negative"));
  CHECK_THAT(refused("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 8), }"),
             ContainsSubstring("impossibly large"));
  CHECK_THAT(refused("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }"),
             ContainsSubstring("no tuple of numbers"));
  CHECK_THAT(refused(""), ContainsSubstring("'{'"));
}

TEST_CASE("an archive of arrays that holds something else names it", "[readers]") {
  TemporaryFolder folder;
  write_zip(folder.path("a.npz"), {{"x.npy", read_file(fixture("single.npy"))}, {"readme", "hello"}});
  CHECK_THAT(error_of(folder.path("a.npz")), ContainsSubstring("a.npz: readme: is no .npy"));
}

}  // namespace
}  // namespace dinghy::converter::test
