#include "converter/text/name_pattern.h"

namespace dinghy::converter {

// What stands between two stars is looked for as early as it can be, which leaves the most for the rest.
bool matches(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (name.substr(0, star) != pattern.substr(0, star)) return false;
  name.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  for (std::size_t next = pattern.find('*'); next != std::string_view::npos; next = pattern.find('*')) {
    const std::size_t place = name.find(pattern.substr(0, next));
    if (place == std::string_view::npos) return false;
    name.remove_prefix(place + next);
    pattern.remove_prefix(next + 1);
  }
  return name.ends_with(pattern);
}

}  // namespace dinghy::converter
