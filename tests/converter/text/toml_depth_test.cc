#include "converter/text/toml_depth.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

using Catch::Matchers::MessageMatches;
using Catch::Matchers::StartsWith;

std::string repeated(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

void check_refused(const std::string& text, const std::string& where) {
  CAPTURE(text.substr(0, 200));
  CHECK_THROWS_MATCHES(check_toml_depth(text, "r.toml"), Error, MessageMatches(StartsWith(where + ": nests deeper")));
}

void check_fine(const std::string& text) {
  CAPTURE(text.substr(0, 200));
  CHECK_NOTHROW(check_toml_depth(text, "r.toml"));
}

}  // namespace

TEST_CASE("TOML may nest 64 tables and lists, however they are written", "[text]") {
  const std::string dots = repeated(63, ".a"), keys = repeated(31, "{a."), ends = repeated(31, "}");
  check_fine("a" + dots + " = 1");
  check_fine("[a" + dots + "]\n[b" + dots + "]");
  check_fine("a = " + repeated(64, "[") + repeated(64, "]"));
  check_fine("a." + keys + "b" + ends);
  check_refused("x = 1\na" + dots + ".a.a = 1", "r.toml:2");
  check_refused("[a" + dots + ".a.a]", "r.toml:1");
  check_refused("[[a" + dots + ".a.a]]", "r.toml:1");
  check_refused("a = " + repeated(65, "["), "r.toml:1");
  check_refused("a = " + repeated(33, "{a.b = "), "r.toml:1");
  check_refused("[a" + repeated(40, ".a") + "]\n\nb" + repeated(25, ".b") + " = 1", "r.toml:3");
  check_refused("a" + repeated(40, ".a") + " = [\n 1.5,\n {b" + repeated(25, ".b") + " = 1}]", "r.toml:3");
}

TEST_CASE("TOML's dots and brackets in texts, comments and numbers nest nothing", "[text]") {
  const std::string dots(100, '.'), brackets(100, '[');
  check_fine("a = \"" + dots + "\\\"" + brackets + "\"");
  check_fine("a = '" + dots + brackets + "\\'\nb.c = 1");
  check_fine("a = \"\"\"\n" + dots + "\n\\\"\"\"" + brackets + "\"\"\"");
  check_fine("a = '''\n" + dots + "'\n" + brackets + "'''");
  check_fine("a = 1 # " + dots + brackets + "\nb = 2 # " + dots);
  check_fine("a = [" + repeated(100, "1.5, ") + "2.5]");
  check_fine(repeated(100, "a.b.c = 1.5\n"));
  check_fine(repeated(100, "[[a.b]]\nc = {d.e = [1.5]}\n"));
}

TEST_CASE("TOML's texts of many lines may end in quotes of their own", "[text]") {
  for (const std::string quotes : {R"("""")", R"(""""")", "''''", "'''''"}) {
    const std::string text = quotes.substr(0, 3) + "b" + quotes;
    check_refused("a = [" + text + ", " + repeated(65, "[") + "1]", "r.toml:1");
    check_fine("a = [" + text + ", 1.5]\nb = 1");
  }
}

TEST_CASE("TOML that is cut anywhere is no deeper for it", "[text]") {
  const std::string text = "[a.b]\nc = \"\\\"\" # '\n'd' = '''\n''' \ne = {f.g = [1, \"\"\"x\"\"\"]}\n";
  for (std::size_t size = 0; size <= text.size(); ++size) check_fine(text.substr(0, size));
}

}  // namespace dinghy::converter
