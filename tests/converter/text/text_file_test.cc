// Text files as editors write them.
#include "converter/text/text_file.h"

#include <sys/stat.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <fstream>
#include <iterator>
#include <thread>

#include "converter/error.h"
#include "tests/converter/temporary_folder.h"

namespace dinghy::converter {
namespace {

std::string read(const std::string& text) {
  const TemporaryFolder folder;
  return read_text_file(folder.write("t.txt", text), "a text", 1 << 20);
}

// A pipe of its own name, which somebody writes to.
struct Pipe {
  explicit Pipe(const TemporaryFolder& folder) : path(folder.path("pipe")) { REQUIRE(mkfifo(path.c_str(), 0600) == 0); }

  std::string path;
};

}  // namespace

TEST_CASE("A text comes without its mark and with LF at the ends of lines", "[text]") {
  CHECK(read("\xef\xbb\xbf"
             "a\r\nb\r\n") == "a\nb\n");
  CHECK(read("\xef\xbb\xbf") == "");
  CHECK(read("\xef\xbb") == "\xef\xbb");
  CHECK(read("a\xef\xbb\xbf") == "a\xef\xbb\xbf");
  CHECK(read("") == "");
}

TEST_CASE("A CR that ends no line is text", "[text]") {
  CHECK(read("a\rb\r\r\nc\r") == "a\rb\r\nc\r");
  CHECK(read("\r") == "\r");
  CHECK(read("\r\n") == "\n");
}

TEST_CASE("Where a read ends within CR LF or behind a CR the text is the same", "[text]") {
  for (std::size_t before = (1 << 16) - 3; before < (1 << 16) + 3; ++before) {
    CAPTURE(before);
    const std::string start(before, 'x');
    CHECK(read(start + "\r\ny") == start + "\ny");
    CHECK(read(start + "\ry") == start + "\ry");
    CHECK(read("\xef\xbb\xbf" + start + "\r\r\n") == start + "\r\n");
  }
}

TEST_CASE("A pipe is read once, and refused the second time with the reason", "[text]") {
  const TemporaryFolder folder;
  const Pipe pipe(folder);
  std::thread writer([&] { std::ofstream(pipe.path, std::ios::binary) << "a\r\n"; });
  {
    const auto stream = open_text_file(InputFile(pipe.path, "", InputKind::file_or_pipe), pipe.path);
    CHECK(std::string(std::istreambuf_iterator<char>(*stream), {}) == "a\n");
  }
  writer.join();
  CHECK_THROWS_MATCHES(InputFile(pipe.path, "", InputKind::file_or_pipe), Error,
                       Catch::Matchers::Message(pipe.path + ": is given twice, and can be read once only; write it to "
                                                            "a file and give that"));
}

}  // namespace dinghy::converter
