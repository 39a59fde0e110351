// libhdf5 reads its file through this driver: out of any storage, and never from a second file.
#pragma once

#include "converter/readers/keras/h5_handle.h"
#include "converter/tensor.h"

namespace dinghy::converter {

/// Opens the HDF5 file in `storage`, read-only. An invalid handle where libhdf5 finds none. The storage outlives it.
H5Handle open_h5(const Storage& storage);

}  // namespace dinghy::converter
