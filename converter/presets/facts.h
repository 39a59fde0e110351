// Facts beside the tensors: hyper-parameters that a checkpoint holds (see Checkpoint::facts).
#pragma once

#include <algorithm>
#include <string>

#include "converter/tensor.h"

namespace dinghy::converter {

/// nullptr when the checkpoint does not say. Throws Error where it says something there that was not read.
inline const std::string* find_fact(const Checkpoint& checkpoint, const std::string& path) {
  const auto found = std::ranges::find(checkpoint.facts, path, &std::pair<std::string, std::string>::first);
  if (found != checkpoint.facts.end()) return &found->second;
  checkpoint.refuse_unread(path);
  return nullptr;
}

}  // namespace dinghy::converter
