// The promise of every reader: a tensor that it hands out lies inside its storage.
#pragma once

#include "converter/tensor.h"

namespace dinghy::converter {

/// The strides of a row-major tensor (of a column-major one when `fortran_order`). Throws Error at `where` for a
/// negative extent, more than 32 dimensions or more elements than 64 bits count.
std::vector<std::int64_t> dense_strides(const std::vector<std::int64_t>& shape, bool fortran_order,
                                        const std::string& where);

/// Throws Error at `where`, naming the tensor, unless all its elements lie inside its storage and there are no more of
/// them than the storage holds (a view expanded by stride 0 could ask for any amount of memory).
void check_bounds(const Tensor& tensor, const std::string& where);

}  // namespace dinghy::converter
