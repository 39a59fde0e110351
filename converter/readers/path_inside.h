// Files that a checkpoint names: only those of its own folder are read.
#pragma once

#include <string>

namespace dinghy::converter {

/// The path of the file that a checkpoint in `folder` calls `name`. Throws Error at `where` for a name that is absolute
/// or leaves the folder, and for a link: a checkpoint from elsewhere must not bring other files of this machine into a
/// model.
std::string path_inside(const std::string& folder, const std::string& name, const std::string& where);

}  // namespace dinghy::converter
