// The tensors inside a pickle that torch.save wrote.
#pragma once

#include <functional>
#include <unordered_map>

#include "converter/readers/pickle/pickle.h"
#include "converter/tensor.h"

namespace dinghy::converter {

class TorchTensors {
 public:
  /// The storage that torch numbered `key`.
  using OpenStorage = std::function<std::shared_ptr<const Storage>(const std::string& key)>;

  TorchTensors(const Pickle& pickle, std::string where, OpenStorage open_storage)
      : pickle_(pickle), where_(std::move(where)), open_storage_(std::move(open_storage)) {}

  /// True for a tensor or parameter of any kind, also for those that read() refuses.
  bool is_tensor(const PickleNode& node) const;
  /// The tensor under the name that it shall have. Tensors of one torch storage share a Storage. Throws Error, naming
  /// the tensor, for what is no plain dense tensor inside its storage.
  Tensor read(const PickleNode& node, const std::string& name);

 private:
  class Call;

  const Pickle& pickle_;
  std::string where_;
  OpenStorage open_storage_;
  std::unordered_map<std::string, std::shared_ptr<const Storage>> storages_;
};

}  // namespace dinghy::converter
