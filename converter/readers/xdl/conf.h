// The *.conf files of Blaze, protobuf text that says which table serves which feature group.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace dinghy::converter {

/// One "feature_group.GROUP.KEY" = VALUE for every scalar that stands in a message beside `feature_group: "GROUP"`, in
/// the file's order. Throws Error naming the line for text that is not of this form.
std::vector<std::pair<std::string, std::string>> read_xdl_conf(const std::string& path);

}  // namespace dinghy::converter
