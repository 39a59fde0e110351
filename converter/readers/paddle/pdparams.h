// A .pdparams file of Paddle: a pickle of arrays by name, from paddle.save or paddle.static.save.
#pragma once

#include <string_view>

#include "converter/tensor.h"

namespace dinghy::converter {

/// True when a file that begins with `head` is a bare pickle.
bool is_bare_pickle(std::string_view head);

/// Every array, under the key that it has; the file is mapped, not loaded. A parameter's own name, where the file has
/// one beside the key, is the fact "parameter.KEY" = "linear_4.w_0". Throws Error for a pickle without arrays by name,
/// and for one that would start a program.
Checkpoint read_pdparams(const std::string& path);

}  // namespace dinghy::converter
