// What of Python's own library a pickle may name.
#pragma once

#include <string_view>

namespace dinghy::converter {

/// Whether Python finds the name in its own library, which is on every machine: "os", "system". `name` may be a path of
/// attributes, as protocol 4 writes it.
bool is_of_python_library(std::string_view module, std::string_view name);

/// Whether it is one of the containers and values that checkpoints hold, of which none starts a program.
bool is_harmless(std::string_view module, std::string_view name);

}  // namespace dinghy::converter
