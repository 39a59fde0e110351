// Any bytes as a pickle: parsed, which refuses what names programs, its facts collected, and read as what torch.save
// was given.
#include "converter/readers/pickle/pickle.h"
#include "converter/error.h"
#include "converter/readers/storage.h"
#include "converter/readers/torch/object.h"
#include "converter/readers/torch/pickle_facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dinghy::converter;
  const auto* const begin = reinterpret_cast<const std::byte*>(data);
  const auto bytes = std::make_shared<const std::vector<std::byte>>(begin, begin + size);
  try {
    const Pickle pickle = Pickle::parse(bytes, 0, "pickle");
    (void)collect_facts(pickle, pickle[pickle.root()], nullptr, "fuzz");
    const auto storage = std::make_shared<const BufferStorage>(std::vector<std::byte>(256));
    TorchTensors tensors(pickle, "pickle", [&](const std::string&) { return storage; });
    Checkpoint checkpoint;
    read_torch_object(pickle, tensors, "pickle", "pickle", checkpoint);
    for (const Tensor& tensor : checkpoint.tensors) {
      if (tensor.numel() <= 4096) (void)tensor.values();
    }
  } catch (const Error&) {
  }
  return 0;
}
