// Names and counts of tensors, as readers look at them and as reports say them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dinghy::converter {

/// "weight" of "dnn.linears.0.weight".
inline std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

/// "1 tensor", "3 tensors".
inline std::string tensors_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " tensor" : " tensors");
}

}  // namespace dinghy::converter
