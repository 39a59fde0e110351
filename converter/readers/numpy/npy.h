// NumPy's own files: .npy, one array, and .npz, a zip of them.
#pragma once

#include "converter/readers/archive.h"

namespace dinghy::converter {

/// The array in `bytes`, a whole .npy file of header version 1 to 3, as a view of them. Numbers and booleans,
/// little-endian; fortran_order becomes strides. Throws Error at `where` for anything else.
Tensor read_npy(std::shared_ptr<const Storage> bytes, std::string name, const std::string& where);

/// Every array of an .npz, named as in the archive without ".npy" ("embedding/item_embeds_var:0").
Checkpoint read_npz(const Archive& archive);

/// One .npy as a checkpoint of one tensor, named after the file.
Checkpoint read_npy_file(const std::string& path);

}  // namespace dinghy::converter
