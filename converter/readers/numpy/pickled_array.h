// A NumPy array inside a pickle.
#pragma once

#include "converter/readers/pickle/pickle.h"
#include "converter/tensor.h"

namespace dinghy::converter {

/// True for what NumPy's arrays leave in a pickle of protocol 2 to 5.
bool is_pickled_array(const Pickle& pickle, const PickleNode& node);

/// Its parts as the pickle has them.
struct PickledArray {
  std::vector<std::int64_t> shape;
  std::string descr;  // the type of an element: "<f4", "<U5", "|O8"; empty: another type
  bool fortran_order = false;
  std::shared_ptr<const Storage> bytes;  // a view of the pickle's own, which it keeps alive; none of Python objects
  const PickleNode* objects = nullptr;   // the list of Python objects
};

/// Throws Error at `where` for what is no whole array.
PickledArray pickled_array_parts(const Pickle& pickle, const PickleNode& node, const std::string& where);

/// "<f4", "<U5" … of a numpy.dtype; empty for types that have no such name.
std::string pickled_descr(const Pickle& pickle, const PickleNode& node);

/// The array as a view of the pickle's own bytes, which it keeps alive; fortran_order becomes strides. `u16`: what an
/// array of unsigned 16-bit integers stands for, which no table has as such. Throws Error at `where` for what is no
/// whole array of little-endian numbers.
Tensor read_pickled_array(const Pickle& pickle, const PickleNode& node, std::string name, DType u16,
                          const std::string& where);

}  // namespace dinghy::converter
