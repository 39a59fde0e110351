// Arrays of ids, whole numbers or texts, which packages save as the vocabulary of a table.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "converter/readers/pickle/pickle.h"
#include "converter/tensor.h"

namespace dinghy::converter {

/// A one-dimensional array of whole numbers or texts in the .npy file `bytes` as a JSON list; nothing for other arrays.
/// Throws Error at `where` for a damaged file.
std::optional<std::string> id_list_of_npy(std::shared_ptr<const Storage> bytes, const std::string& where);

/// A one-dimensional array of texts in a pickle (see pickled_array.h) as a JSON list; nothing for other arrays. Throws
/// Error at `where` for a damaged one.
std::optional<std::string> id_list_of_pickle(const Pickle& pickle, const PickleNode& array, const std::string& where);

}  // namespace dinghy::converter
