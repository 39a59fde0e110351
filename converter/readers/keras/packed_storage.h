// The numbers of a dataset that does not lie in its file as a tensor needs it: in chunks, packed, with swapped bytes.
#pragma once

#include "converter/readers/keras/h5_question.h"

namespace dinghy::converter {

/// Reads rows of `dataset` in `file` when they are asked for, each time in a process of its own. `where`: of the file.
std::shared_ptr<const Storage> packed_storage(std::shared_ptr<const Storage> file, const H5Dataset& dataset,
                                              const std::string& where);

}  // namespace dinghy::converter
