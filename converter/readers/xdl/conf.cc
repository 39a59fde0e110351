#include "converter/readers/xdl/conf.h"

#include "converter/error.h"
#include "converter/text/text_lines.h"

namespace dinghy::converter {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> read_xdl_conf(const std::string& path) {
  TextLines lines(path, "in an XDL folder a .conf file describes feature groups");
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> groups;  // of the messages that are open, innermost last
  for (std::string line; lines.next(line);) {
    const auto fail = [&](const char* what) { throw Error(lines.where(), what); };
    const std::string text = trimmed(line);
    if (text.empty() || text.starts_with('#')) continue;
    if (text.ends_with('{')) {
      groups.emplace_back();
      continue;
    }
    if (text == "}") {
      if (groups.empty()) fail("closes a block that was never opened");
      groups.pop_back();
      continue;
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || groups.empty()) fail("is no `key: value` in a block");
    std::string value = trimmed(text.substr(colon + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    const std::string key = trimmed(text.substr(0, colon));
    if (key == "feature_group")
      groups.back() = value;
    else if (!groups.back().empty())
      facts.emplace_back("feature_group." + groups.back() + "." + key, value);
  }
  if (!groups.empty()) throw Error(path, "ends within a block: truncated");
  return facts;
}

}  // namespace dinghy::converter
