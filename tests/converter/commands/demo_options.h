// `dinghy convert` on the demo's checkpoint, as options to put together.
#pragma once

#include <string>

#include "tests/converter/commands/command.h"

namespace dinghy::converter {

inline const std::string kDemo = DINGHY_SOURCE_DIR "/examples/demo/";
inline const std::string kConvert = "convert " + kDemo + "checkpoint.pth --recipe " + kDemo + "recipe.toml ";
inline const std::string kCheck = "--check " + kDemo + "golden.jsonl ";
inline const std::string kEval = "--eval " + kDemo + "labelled.jsonl ";

}  // namespace dinghy::converter
