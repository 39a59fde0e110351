#include "converter/text/json_depth.h"

#include "converter/error.h"

namespace dinghy::converter {

void check_json_depth(std::string_view text, const std::string& where) {
  constexpr int kMaxDepth = 64;
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) throw Error(where, "nests deeper than 64 lists and objects: damaged or hostile");
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
}

}  // namespace dinghy::converter
