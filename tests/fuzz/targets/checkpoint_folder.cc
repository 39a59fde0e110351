// Any files as a checkpoint in a folder: XDL, torch.distributed.checkpoint, TensorFlow, safetensors in several files.
// What is called .index gets the frame and the checksums of a TensorFlow index, so that changed entries are read.
#include "tests/converter/temporary_folder.h"
#include "tests/fuzz/packed_files.h"
#include "tests/fuzz/read_hostile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace dinghy;
  static const converter::TemporaryFolder scratch;
  std::vector<fuzz::NamedFile> files = fuzz::unpack({reinterpret_cast<const char*>(bytes), size});
  for (fuzz::NamedFile& file : files) {
    if (file.name.ends_with(".index")) file.bytes = fuzz::index_around(file.bytes);
  }
  const std::string folder = scratch.path("checkpoint");
  fuzz::write_folder(files, folder);
  fuzz::read_hostile(folder);
  return 0;
}
