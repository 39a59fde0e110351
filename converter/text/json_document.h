// JSON that the command writes for programs.
#pragma once

#include <string>

namespace dinghy::converter {

/// `json` (an nlohmann::json or ordered_json) over lines, with a line feed at the end. Names of files and texts of
/// checkpoints may hold any bytes: what is not UTF-8 is replaced, where dump() alone would throw.
template <class Json>
std::string json_document(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace dinghy::converter
