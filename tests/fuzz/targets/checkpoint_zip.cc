// Any members in a sound zip archive as a checkpoint: torch.save, .npz, .keras. (A damaged archive is
// checkpoint_file's.)
#include "tests/converter/temporary_folder.h"
#include "tests/fuzz/packed_files.h"
#include "tests/fuzz/read_hostile.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace dinghy;
  static const converter::TemporaryFolder folder;
  const std::string path = folder.path("checkpoint");
  const std::vector<fuzz::NamedFile> files = fuzz::unpack({reinterpret_cast<const char*>(bytes), size});
  if (files.empty()) return 0;  // an empty archive is no file at all
  fuzz::write_zip(files, path);
  fuzz::read_hostile(path);
  return 0;
}
