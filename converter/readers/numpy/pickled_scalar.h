// Numbers and texts of NumPy's own types inside a pickle, which stand where Python's could.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "converter/readers/pickle/pickle.h"

namespace dinghy::converter {

using ScalarValue = std::variant<bool, std::int64_t, double, std::string>;

/// True for what a scalar of NumPy leaves in a pickle.
bool is_pickled_scalar(const Pickle& pickle, const PickleNode& node);

/// Its value; nothing for types that Python has no own for, and integers over 2^63. Throws Error at `where` for a
/// damaged one.
std::optional<ScalarValue> pickled_scalar(const Pickle& pickle, const PickleNode& node, const std::string& where);

/// A text, Python's own or NumPy's (a key of a dict may be either); nothing for other values. Throws Error at `where`
/// for a damaged one.
std::optional<std::string> text_of(const Pickle& pickle, const PickleNode& node, const std::string& where);

}  // namespace dinghy::converter
