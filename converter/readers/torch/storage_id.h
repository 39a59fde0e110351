// How a torch pickle names a storage: ('storage', torch.FloatStorage, '3', 'cpu', 160).
#pragma once

#include "converter/readers/pickle/pickle.h"
#include "converter/tensor.h"

namespace dinghy::converter {

struct TorchStorageId {
  std::string key;  // decimal digits
  DType type;       // u8 for UntypedStorage
  bool untyped;
  std::uint64_t numel;  // elements of `type`
  std::uint64_t bytes() const { return numel * size_of(type); }
};

/// Throws Error at `where` for a node that names no plain storage of a known type, or an impossible size.
TorchStorageId read_torch_storage_id(const Pickle& pickle, const PickleNode& node, const std::string& where);

/// The type of a class such as torch.float32. Throws Error at `where` for others.
DType read_torch_dtype(const Pickle& pickle, const PickleNode& global, const std::string& where);

}  // namespace dinghy::converter
