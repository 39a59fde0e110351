#include "converter/readers/numpy/id_list.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/readers/storage.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

std::optional<std::string> list_of(const std::string& path) {
  return id_list_of_npy(std::make_shared<FileStorage>(path), path);
}

TEST_CASE("Ids are a JSON list whether NumPy keeps them as numbers, as texts or as Python's objects", "[readers]") {
  CHECK(list_of(fixture("ids.npy")) == "[7,4611686018427387905]");
  CHECK(list_of(fixture("wide_text.npy")) == "[\"u1\",\"\u00e4\u20ac\U0001f600\",\"\"]");
  CHECK(list_of(fixture("object_ids.npy")) == "[\"u1\",\"\u00e4\u20ac\U0001f600\"]");
}

TEST_CASE("Arrays that are no list of ids are none", "[readers]") {
  CHECK(list_of(fixture("objects.npy")) == std::nullopt);  // a dict among texts
  CHECK(list_of(fixture("single.npy")) == std::nullopt);   // fractions
}

TEST_CASE("A list of ids that is cut or damaged is refused", "[readers]") {
  TemporaryFolder folder;
  const std::string whole = read_file(fixture("wide_text.npy"));
  CHECK_THROWS_MATCHES(list_of(folder.write("cut.npy", whole.substr(0, whole.size() - 4))), Error,
                       MessageMatches(ContainsSubstring("which is not 3 texts")));
  std::string odd = whole;
  odd[odd.size() - 13] = '\x7f';  // the last character of the second text
  CHECK_THROWS_MATCHES(list_of(folder.write("odd.npy", odd)), Error,
                       MessageMatches(ContainsSubstring("a character that is none")));
  const std::string objects = read_file(fixture("object_ids.npy"));
  for (std::size_t length = 0; length < objects.size(); ++length) {
    CHECK_THROWS_AS(list_of(folder.write("cut.npy", objects.substr(0, length))), Error);
  }
}

}  // namespace
}  // namespace dinghy::converter::test
