// What libhdf5 says about a dataset. For H5File alone.
#pragma once

#include "converter/readers/keras/h5_file.h"

namespace dinghy::converter {

/// As H5File::dataset, without path and name. Throws Error at `where`.
H5Dataset describe_dataset(const H5Handle& dataset, std::uint64_t file_size, const std::string& where);

/// As H5File::read_rows; `out` has room for exactly those rows. Throws Error at `where`.
void read_dataset_rows(const H5Handle& dataset, std::uint64_t first, std::uint64_t count, std::span<std::byte> out,
                       const std::string& where);

}  // namespace dinghy::converter
