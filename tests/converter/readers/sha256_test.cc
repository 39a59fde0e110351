#include "converter/readers/sha256.h"

#include <catch2/catch_test_macros.hpp>

#include "converter/error.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

// Test vectors of FIPS 180-2.
TEST_CASE("the SHA-256 of a file is the published one", "[readers]") {
  TemporaryFolder folder;
  CHECK(sha256_of_file(folder.write("empty", "")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_of_file(folder.write("abc", "abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_of_file(folder.write("million", std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  // One byte more than a piece of the stream; from coreutils' sha256sum.
  CHECK(sha256_of_file(folder.write("pieces", std::string((1 << 20) + 1, 'a'))) ==
        "4a3f0c0c213adea174f9a3d4c13177315b588bdb2e9c1012d3d0bf0453ca0f6a");
}

TEST_CASE("the SHA-256 of several files is that of the lines of sha256sum", "[readers]") {
  TemporaryFolder folder;
  folder.write("abc", "abc");
  folder.write("empty", "");
  const std::vector<std::string> names{"abc", "empty"};
  // cd FOLDER && sha256sum abc empty | sha256sum
  CHECK(sha256_of_files(folder.path("."), names) == "0a9be9ab2b39262f5027c65688842f20e991ec1191e8acd3794bd47f37d67ab6");
  folder.write("empty", "no more");
  CHECK(sha256_of_files(folder.path("."), names) != "0a9be9ab2b39262f5027c65688842f20e991ec1191e8acd3794bd47f37d67ab6");
}

TEST_CASE("the SHA-256 of a file that is not there is an error that names it", "[readers]") {
  CHECK_THROWS_AS(sha256_of_file("/nowhere/model.pth"), Error);
}

}  // namespace
}  // namespace dinghy::converter::test
