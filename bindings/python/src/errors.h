// Errors of the engine as exceptions of Python: dinghy/errors.py has their classes, one for each code.
#pragma once

#include <string>

#include "dinghy/status.h"

namespace dinghy::python {

/// Raises the exception of the status' code with its message, behind `where` if there is any; does nothing when it is
/// ok. Needs the GIL.
void require(const Status& status, const std::string& where = {});

/// Raises InvalidArgumentError: a value that no request may have.
[[noreturn]] void raise_value(const std::string& message);
/// Raises ArgumentTypeError: an object of a wrong type.
[[noreturn]] void raise_type(const std::string& message);

}  // namespace dinghy::python
