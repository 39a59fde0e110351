// Where in a request a value stands, for messages: history["item"][3].
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace dinghy::python {

struct Place {
  const char* part;     // "user", "context", "history", "candidates"
  const char* feature;  // its name
  std::optional<std::size_t> row = {};

  std::string text() const {
    return std::string(part) + "[\"" + feature + "\"]" + (row ? "[" + std::to_string(*row) + "]" : "");
  }
  Place at(std::size_t index) const { return {part, feature, index}; }
};

}  // namespace dinghy::python
