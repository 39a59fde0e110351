// Lists of sizes on the command line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dinghy::bench {

/// "1,10,100", or "10..200": 10 and its doublings below 200, then 200. Both may be mixed. Throws converter::Error that
/// names `option` for anything else.
std::vector<std::size_t> parse_sizes(const std::string& option, const std::string& text);

}  // namespace dinghy::bench
