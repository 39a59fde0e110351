#include <unistd.h>

#include <filesystem>

#include "converter/error.h"
#include "converter/readers/keras/h5_process.h"
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

namespace dinghy::converter {
namespace {

std::filesystem::path this_program() {
#ifdef __APPLE__
  char path[4096];
  std::uint32_t size = sizeof(path);
  return _NSGetExecutablePath(path, &size) == 0 ? std::filesystem::canonical(path) : "";
#else
  return std::filesystem::read_symlink("/proc/self/exe");
#endif
}

}  // namespace

std::vector<std::string> h5_process_command(const std::string& where) {
  const std::filesystem::path program = this_program().parent_path() / DINGHY_LIBEXEC "/dinghy-read-keras";
  if (::access(program.c_str(), X_OK) != 0) {
    throw Error(where, "is a file of Keras, which is read by " + program.lexically_normal().string() +
                           ", and that is not there; install Dinghy's command anew");
  }
  return {program.string()};
}

}  // namespace dinghy::converter
