// The means of a matrix' columns, which a package takes for numbers that are not known.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "converter/tensor.h"

namespace dinghy::converter {

/// The mean of each column of a matrix of floats in the .npy file `bytes` as a JSON list, with the rounding of NumPy's
/// mean(axis=0); nothing for other arrays. Throws Error at `where` for a damaged file.
std::optional<std::string> column_means_of_npy(std::shared_ptr<const Storage> bytes, const std::string& where);

}  // namespace dinghy::converter
