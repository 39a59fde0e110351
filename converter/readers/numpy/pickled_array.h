// A NumPy array inside a pickle.
#pragma once

#include "converter/readers/pickle/pickle.h"
#include "converter/tensor.h"

namespace dinghy::converter {

/// True for what NumPy's arrays leave in a pickle of protocol 2 to 4.
bool is_pickled_array(const Pickle& pickle, const PickleNode& node);

/// The array as a view of the pickle's own bytes, which it keeps alive; fortran_order becomes strides. `u16`: what an
/// array of unsigned 16-bit integers stands for, which no table has as such. Throws Error at `where` for what is no
/// whole array of little-endian numbers.
Tensor read_pickled_array(const Pickle& pickle, const PickleNode& node, std::string name, DType u16,
                          const std::string& where);

}  // namespace dinghy::converter
