#include "converter/readers/path_inside.h"

#include <filesystem>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {

std::string path_inside(const std::string& folder, const std::string& name, const std::string& where) {
  namespace fs = std::filesystem;
  const fs::path relative(name);
  const auto refuse = [&](const char* why) {
    throw Error(where,
                "has data in " + in_quotes(name) + ", " + why + "; only files of the checkpoint's own folder are read");
  };
  if (name.empty() || name.find('\0') != std::string::npos) refuse("which is no file name");
  if (relative.is_absolute() || name.find('\\') != std::string::npos) refuse("which is not relative to the checkpoint");
  fs::path path(folder);
  for (const fs::path& part : relative) {
    if (part == "..") refuse("which leaves the checkpoint's folder");
    path /= part;
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(path, error))) refuse("which is a link (cp -rL copies what links point to)");
  }
  return path.string();
}

}  // namespace dinghy::converter
