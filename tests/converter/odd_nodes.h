// What a path may lead to that is no file.
#pragma once

#include <string>
#include <vector>

#include "tests/converter/temporary_folder.h"

namespace dinghy::converter::test {

struct OddNode {
  std::string path;
  std::string said;  // of it, by the error
};

/// A pipe that nobody writes to, a folder and a socket of `folder`, and a device that never ends.
std::vector<OddNode> odd_nodes(const TemporaryFolder& folder);

}  // namespace dinghy::converter::test
