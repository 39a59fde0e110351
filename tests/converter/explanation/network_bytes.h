// The network of a conversion as the bytes of its file, to be compared.
#pragma once

#include <string>

#include "converter/model_file/writer.h"
#include "converter/presets/presets.h"
#include "tests/converter/temporary_folder.h"

namespace dinghy::converter {

inline const std::string kGolden = DINGHY_SOURCE_DIR "/tests/golden/";

/// The file of a network that came from nowhere.
inline std::string network_bytes(const Network& network) {
  const TemporaryFolder folder;
  write_model(network, Provenance{}, GoldenRows{}, folder.path("m.dinghy"));
  return read_file(folder.path("m.dinghy"));
}

inline std::string network_bytes(const Checkpoint& checkpoint, const Recipe& recipe) {
  Conversion conversion(checkpoint, recipe);
  build_network(conversion, choose_preset(checkpoint, recipe));
  return network_bytes(conversion.network);
}

}  // namespace dinghy::converter
