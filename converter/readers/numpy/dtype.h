// How NumPy names the type of an element.
#pragma once

#include <string>
#include <string_view>

#include "converter/tensor.h"

namespace dinghy::converter {

/// The type behind "<f4" or "|u1". Throws Error at `where` for big-endian numbers, with the way out, and for what is no
/// number.
DType read_numpy_dtype(std::string_view descr, const std::string& where);

}  // namespace dinghy::converter
