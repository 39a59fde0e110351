// Any bytes as a checkpoint of one file: what the readers make of them, whatever format they begin as.
#include "tests/converter/temporary_folder.h"
#include "tests/fuzz/packed_files.h"
#include "tests/fuzz/read_hostile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace dinghy;
  static const converter::TemporaryFolder folder;
  fuzz::read_hostile(folder.write("checkpoint", {reinterpret_cast<const char*>(bytes), size}));
  return 0;
}
