// Lines of texts, and of what is none.
#include "converter/text/text_lines.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <sstream>
#include <streambuf>
#include <vector>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

TextLines lines_of(const std::string& text) { return {std::make_unique<std::istringstream>(text), "t.txt"}; }

std::vector<std::string> all_of(const std::string& text) {
  TextLines lines = lines_of(text);
  std::vector<std::string> all;
  for (std::string line; lines.next(line);) all.push_back(line);
  CHECK(lines.number() == all.size());
  return all;
}

/// Gives an endless text, or fails to be read, after `text`.
class Stream : public std::istream {
 public:
  Stream(std::string text, bool fails) : std::istream(nullptr), buffer_(std::move(text), fails) { rdbuf(&buffer_); }

 private:
  struct Buffer : std::streambuf {
    Buffer(std::string start, bool ends_badly) : text(std::move(start)), fails(ends_badly) {
      setg(text.data(), text.data(), text.data() + text.size());
    }
    int_type underflow() override {
      if (fails) throw std::runtime_error("no more");
      text.assign(1 << 16, 'x');
      setg(text.data(), text.data(), text.data() + text.size());
      return traits_type::to_int_type('x');
    }
    std::string text;
    bool fails;
  };

  Buffer buffer_;
};

}  // namespace

TEST_CASE("text: lines come in order, the last with or without its end", "[text]") {
  CHECK(all_of("").empty());
  CHECK(all_of("a\n\nb\n") == std::vector<std::string>{"a", "", "b"});
  CHECK(all_of("a\nb") == std::vector<std::string>{"a", "b"});
  CHECK(all_of("\n") == std::vector<std::string>{""});
  const std::string with_zero("a\0b", 3);
  CHECK(all_of(with_zero + "\n") == std::vector<std::string>{with_zero});
}

TEST_CASE("text: lines longer than what is read at once are whole", "[text]") {
  for (std::size_t size = (1 << 16) - 3; size < (1 << 16) + 3; ++size) {
    CAPTURE(size);
    const std::string line(size, 'x');
    CHECK(all_of(line + "\ny") == std::vector<std::string>{line, "y"});
    CHECK(all_of(line + line + "\n") == std::vector<std::string>{line + line});
    CHECK(all_of(line) == std::vector<std::string>{line});
  }
}

TEST_CASE("text: a stream without line ends is refused with its place", "[text]") {
  TextLines lines(std::make_unique<Stream>("a\n", false), "t.txt");
  std::string line;
  REQUIRE(lines.next(line));
  CHECK_THROWS_MATCHES(lines.next(line), Error,
                       Catch::Matchers::Message("t.txt:2: is a line of over 64 MB, which no text has"));
  CHECK(line.capacity() < 3 * TextLines::kMostBytes);
}

TEST_CASE("text: lines that cannot be read are no end of the text", "[text]") {
  TextLines lines(std::make_unique<Stream>("a\nb", true), "t.txt");
  std::string line;
  REQUIRE(lines.next(line));
  CHECK_THROWS_MATCHES(lines.next(line), Error, Catch::Matchers::Message("t.txt:2: cannot be read"));
}

}  // namespace dinghy::converter
