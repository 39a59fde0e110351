// Checks that a release build leaves out, and calls that end the process, are no checks.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

namespace dinghy::tests {
namespace {

/// Expects no line of the engine's code to match.
void expect_nowhere(const std::regex& pattern) {
  std::size_t files = 0;
  for (const char* folder : {"/engine", "/schema"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(DINGHY_SOURCE_DIR) + folder)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
      ++files;
      std::ifstream lines(entry.path());
      for (std::string line; std::getline(lines, line);) {
        const std::string code = line.substr(0, line.find("//"));
        CAPTURE(entry.path().string(), line);
        CHECK_FALSE(std::regex_search(code, pattern));
      }
    }
  }
  CHECK(files > 50);
}

}  // namespace

TEST_CASE("hostile: no check of the engine is an assert, and nothing in it ends the process", "[hostile]") {
  expect_nowhere(std::regex(
      R"((^|[^_\w])(assert|abort|exit|_exit|terminate|quick_exit|__builtin_trap|FLATBUFFERS_ASSERT)\s*\(|\bthrow\b)"));
}

TEST_CASE("hostile: no check asks the compiler, which may be told otherwise, for NaN", "[hostile]") {
  expect_nowhere(std::regex(R"(\b(isfinite|isnan|isinf|isnormal|fpclassify|isunordered)\s*\()"));
}

}  // namespace dinghy::tests
