// Golden checkpoints, with the preset of each.
#pragma once

#include <span>
#include <string>

namespace dinghy::converter {

inline const std::string kOwnFolder = DINGHY_SOURCE_DIR "/tests/golden/";
#ifdef DINGHY_SHARED_DATA
inline const std::string kTrainedFolder = DINGHY_SHARED_DATA "/golden/";
#else
inline const std::string kTrainedFolder;
#endif

struct KnownCheckpoint {
  std::string file;    // in the folder of its table
  std::string preset;  // "": none
};

/// Those that this build reads, of tests/golden; and of the data beside the repository, where it is there.
std::span<const KnownCheckpoint> own_checkpoints();
std::span<const KnownCheckpoint> trained_checkpoints();

/// The recipe of one of tests/golden; "": it needs none.
std::string recipe_of(const KnownCheckpoint& known);

}  // namespace dinghy::converter
