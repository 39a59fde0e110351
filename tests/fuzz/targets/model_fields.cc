// A sound model with some of its fields changed and its hash and size set right again, so that the changes reach the
// checks of their meaning; scored with hostile ids and numbers when it opens.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "schema/header.h"
#include "tests/engine/changed_model.h"
#include "tests/fuzz/sample_models.h"
#include "tests/fuzz/score_hostile.h"

namespace dinghy::fuzz {
namespace {

std::uint64_t changed_value(FuzzedDataProvider& data) {
  constexpr std::uint64_t kOdd[] = {0,          1,          2,          0xff,           0xffff,
                                    0x7fffffff, 0x80000000, 0xffffffff, UINT64_MAX / 4, UINT64_MAX};
  const auto choice = data.ConsumeIntegral<std::uint8_t>();
  if (choice < 2 * std::size(kOdd)) return kOdd[choice / 2] - choice % 2;
  return data.ConsumeIntegral<std::uint64_t>() >> (choice % 8 * 8);
}

/// Writes at a multiple of its width, as fields lie; mostly in the metadata, which ends at `metadata_end`.
void change_field(FuzzedDataProvider& data, std::vector<std::byte>& file, std::size_t metadata_end) {
  const std::size_t width = std::size_t{1} << data.ConsumeIntegralInRange<unsigned>(0, 3);
  const bool behind = data.ConsumeIntegral<std::uint8_t>() < 32;
  const std::size_t begin = behind ? metadata_end : format::kHeaderSize, end = behind ? file.size() : metadata_end;
  if (end < begin + width) return;
  const std::size_t place = data.ConsumeIntegralInRange<std::size_t>(begin, end - width) / width * width;
  const std::uint64_t value = changed_value(data);
  std::memcpy(file.data() + place, &value, width);
}

}  // namespace
}  // namespace dinghy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace dinghy;
  FuzzedDataProvider data(bytes, size);
  const auto& samples = fuzz::sample_models();
  const auto& sample = samples[data.ConsumeIntegral<std::uint8_t>() % samples.size()];
  std::vector<std::byte> file(sample.data(), sample.data() + sample.size());
  const unsigned hostility = data.ConsumeIntegral<std::uint8_t>();
  const std::uint64_t seed = data.ConsumeIntegral<std::uint16_t>();
  const std::size_t metadata_end =
      format::kHeaderSize + format::get_little_endian<std::uint64_t>(reinterpret_cast<unsigned char*>(&file[16]));
  for (int changes = 0; changes < 16 && data.remaining_bytes() > 0; ++changes) {
    fuzz::change_field(data, file, metadata_end);
  }
  tests::set_header_right(file);
  const tests::AlignedBytes changed(file);
  const auto model = Model::from_memory(changed.span());
  if (model.ok()) fuzz::score_hostile(*model, hostility, seed);
  return 0;
}
