// The key under which a TensorFlow checkpoint keeps a part of a partitioned variable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dinghy::converter {

/// What a part holds of one dimension; without a length all of it.
struct SliceExtent {
  std::int64_t start = 0;
  std::int64_t length = -1;
};

/// tensorflow/core/util/saved_tensor_slice_util.cc: EncodeTensorNameSlice, in the OrderedCode of
/// core/lib/strings/ordered_code.cc.
std::string slice_key(const std::string& name, const std::vector<SliceExtent>& slice);

}  // namespace dinghy::converter
