// What to offer to somebody who wrote a name that does not exist.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dinghy::converter {

/// "user, item, category"; "(none)" for an empty list.
std::string listed(std::span<const std::string> names);

/// " (did you mean "item_id"?)" when a name of `known` is near to `name`, else nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string> known);

}  // namespace dinghy::converter
