// What `dinghy` asks of dinghy-read-keras, as bytes that pass from one to the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/readers/keras/layer_names.h"
#include "converter/tensor.h"

namespace dinghy::converter {

/// Where a dataset's numbers are.
struct H5Dataset {
  std::string path;  // in the file
  std::string name;  // the same, until a reader finds a better one
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::optional<std::uint64_t> offset;  // of its bytes in the file; none: in chunks, packed, or with swapped bytes
};

struct H5Rows {
  std::string path;  // of a dataset
  std::uint64_t first = 0, count = 0;
};

/// The rows of a dataset, or where there are none, what weights the file holds.
struct H5Question {
  std::string where;  // the file, for errors
  LayerNames names;   // for files that number their layers
  std::optional<H5Rows> rows;
};

std::string to_bytes(const H5Question& question);
/// Of bytes that to_bytes() has made.
H5Question question_of(std::string_view bytes);

}  // namespace dinghy::converter
