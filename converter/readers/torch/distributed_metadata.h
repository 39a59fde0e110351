// The .metadata of torch.distributed.checkpoint: which tensors there are, and in which bytes of which file their parts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/readers/pickle/pickle.h"

namespace dinghy::converter {

/// A part of a tensor: a rectangle of it, saved by itself.
struct TensorShard {
  std::vector<std::int64_t> offsets;  // of its first element in the whole
  std::vector<std::int64_t> sizes;
  std::string file;                     // a plain name, in the checkpoint's folder
  std::uint64_t begin = 0, length = 0;  // its bytes there
};

struct ShardedTensor {
  std::string name;
  std::vector<std::int64_t> size;
  std::vector<TensorShard> shards;  // those without elements are left out
};

/// In the file's order; values that are no tensors are left out. Throws Error at `where` for a pickle that is none of
/// torch.distributed.checkpoint, for a part without a place, and for one outside the folder.
std::vector<ShardedTensor> read_distributed_metadata(const Pickle& pickle, const std::string& where);

}  // namespace dinghy::converter
