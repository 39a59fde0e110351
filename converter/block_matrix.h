// A matrix put together from rectangles of other tensors: shards of a table, or two tables side by side. Its rows are
// read when they are asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/tensor.h"

namespace dinghy::converter {

struct Block {
  std::uint64_t row = 0, column = 0;  // where its first element lies in the whole
  Tensor tensor;                      // of two dimensions
};

/// The matrix that the blocks tile: bands of rows, each cut into columns. Elements are float32, or float64 where a
/// block has wider numbers. Throws Error at `where` for no blocks, and for blocks that overlap or leave holes.
Tensor block_matrix(std::string name, std::vector<Block> blocks, const std::string& where);

}  // namespace dinghy::converter
