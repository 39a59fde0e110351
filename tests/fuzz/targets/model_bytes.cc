// Any bytes as a model file: opened, and scored when they open.
#include <cstring>

#include "tests/engine/aligned_bytes.h"
#include "tests/fuzz/score_hostile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dinghy;
  const auto* const bytes = reinterpret_cast<const std::byte*>(data);
  const tests::AlignedBytes file(std::vector<std::byte>(bytes, bytes + size));
  const auto model = Model::from_memory(file.span());
  if (model.ok()) fuzz::score_hostile(*model, 64, size);
  return 0;
}
