// Random networks and requests on every ISA (isa_difference.h), candidates alone and in pages (page_difference.h).
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdio>
#include <cstdlib>

#include "tests/engine/aligned_bytes.h"
#include "tests/fuzz/drawn_shape.h"
#include "tests/fuzz/isa_difference.h"
#include "tests/fuzz/page_difference.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace dinghy;
  FuzzedDataProvider data(bytes, size);
  const auto below = [&](std::uint32_t bound) { return data.ConsumeIntegralInRange<std::uint32_t>(0, bound - 1); };
  const tests::Shape shape = fuzz::draw_shape(below);
  const tests::AlignedBytes file(tests::ModelFile(shape).bytes());
  const auto model = Model::from_memory(file.span());
  std::string difference = model.ok() ? "" : std::string("open: ") + model.status().message();
  if (model.ok()) {
    fuzz::RequestShape request;
    request.candidates = below(fuzz::kMaxCandidates + 1);
    request.behaviors = below(fuzz::kMaxHistory + 6);
    request.seed = below(1 << 16);
    difference = fuzz::isa_difference(shape, *model, request);
    if (difference.empty()) difference = fuzz::page_difference(shape, request);
  }
  if (difference.empty()) return 0;
  std::fprintf(stderr, "%s\n", difference.c_str());
  std::abort();
}
