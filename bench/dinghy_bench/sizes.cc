#include "bench/dinghy_bench/sizes.h"

#include <charconv>
#include <sstream>

#include "converter/error.h"

namespace dinghy::bench {
namespace {

constexpr std::size_t kLargest = 100'000;

std::size_t parse_size(const std::string& option, const std::string& text) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size > kLargest) {
    throw converter::Error(
        option, "\"" + text + "\" is no number up to " + std::to_string(kLargest) + "; write 1,10,100 or 10..200");
  }
  return size;
}

}  // namespace

std::vector<std::size_t> parse_sizes(const std::string& option, const std::string& text) {
  std::vector<std::size_t> sizes;
  std::istringstream parts(text + ",");  // so that nothing behind a last comma is a part too
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t dots = part.find("..");
    if (dots == std::string::npos) {
      sizes.push_back(parse_size(option, part));
      continue;
    }
    const std::size_t last = parse_size(option, part.substr(dots + 2));
    std::size_t size = parse_size(option, part.substr(0, dots));
    if (size == 0 || size > last)
      throw converter::Error(option, "\"" + part + "\" must begin above 0 and end behind that");
    for (; size < last; size *= 2) sizes.push_back(size);
    sizes.push_back(last);
  }
  return sizes;
}

}  // namespace dinghy::bench
