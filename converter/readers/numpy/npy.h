// NumPy's own files: .npy, one array, and .npz, a zip of them.
#pragma once

#include "converter/readers/archive.h"

namespace dinghy::converter {

/// What a .npy file says of its array.
struct NpyHeader {
  std::string descr;  // the type of an element: "<f4", "<U5", "|O"
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::uint64_t data = 0;  // the offset of the array's bytes
};

/// Of header version 1 to 3. Throws Error at `where` for anything else.
NpyHeader read_npy_header(const Storage& bytes, const std::string& where);

/// The array in `bytes`, a whole .npy file of header version 1 to 3, as a view of them. Numbers and booleans,
/// little-endian; fortran_order becomes strides. Throws Error at `where` for anything else.
Tensor read_npy(std::shared_ptr<const Storage> bytes, std::string name, const std::string& where);

/// Every array of an .npz, named as in the archive without ".npy" ("embedding/item_embeds_var:0").
Checkpoint read_npz(const Archive& archive);

/// One .npy as a checkpoint of one tensor, named after the file.
Checkpoint read_npy_file(const std::string& path);

}  // namespace dinghy::converter
