// The plain values in a pickle beside its tensors, such as hyper-parameters, as flat "path = value" pairs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "converter/readers/pickle/pickle.h"

namespace dinghy::converter {

struct PickleFacts {
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::pair<std::string, const PickleNode*>> arrays;  // NumPy's, by path
  std::vector<std::pair<std::string, std::string>> unread;        // by path, what is there
};

/// Walks `root` in the file's order; `left_out`, when not nullptr, is not entered. README.md has the scheme of paths
/// and values, and the limits that bound the walk whatever the file says. Throws Error at `where` for a damaged text of
/// NumPy.
PickleFacts collect_facts(const Pickle& pickle, const PickleNode& root, const PickleNode* left_out,
                          const std::string& where);

}  // namespace dinghy::converter
