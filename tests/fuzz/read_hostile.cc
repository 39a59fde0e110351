#include "tests/fuzz/read_hostile.h"

#include <cstdint>

#include "converter/error.h"
#include "converter/readers/read_checkpoint.h"

namespace dinghy::fuzz {
namespace {

constexpr std::uint64_t kMaxValues = 1 << 16;  // strides of 0 make a few bytes many values

}  // namespace

void read_hostile(const std::string& path) {
  try {
    const converter::Checkpoint checkpoint = converter::read_checkpoint(path);
    for (const converter::Tensor& tensor : checkpoint.tensors) {
      if (tensor.numel() <= kMaxValues) (void)tensor.values();
    }
  } catch (const converter::Error&) {
  }
}

}  // namespace dinghy::fuzz
