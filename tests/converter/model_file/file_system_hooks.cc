#include "tests/converter/model_file/file_system_hooks.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <filesystem>

namespace dinghy::converter {
namespace {

bool nameless = true;
std::size_t until_failure = 0;
int failure = 0;
bool noting = false;
std::vector<std::string> noted;

std::string file_of(int descriptor) {
  std::error_code none;
  const std::string name =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), none).filename();
  return name.ends_with(" (deleted)") ? "-" : name;
}

/// Takes a note; true when the call has to fail.
bool refuse(const std::string& call) {
  if (noting) noted.push_back(call);
  if (until_failure == 0 || --until_failure != 0) return false;
  errno = failure;
  return true;
}

bool watching() { return noting || until_failure != 0; }

}  // namespace

void fail_file_call(std::size_t n, int error) {
  until_failure = n;
  failure = error;
}

void have_nameless_files(bool have) { nameless = have; }

void start_notes() {
  noted.clear();
  noting = true;
}

std::vector<std::string> notes() {
  noting = false;
  return noted;
}

}  // namespace dinghy::converter

using dinghy::converter::file_of;
using dinghy::converter::nameless;
using dinghy::converter::refuse;
using dinghy::converter::watching;

extern "C" {

ssize_t write(int descriptor, const void* bytes, std::size_t size) {
  if (watching() && refuse("write " + file_of(descriptor))) return -1;
  return ::syscall(SYS_write, descriptor, bytes, size);
}

int fsync(int descriptor) {
  if (watching() && refuse("fsync " + file_of(descriptor))) return -1;
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  if ((flags & O_TMPFILE) == O_TMPFILE && !nameless) return errno = EOPNOTSUPP, -1;
  return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  if (watching() && refuse("link " + std::filesystem::path(to).filename().string())) return -1;
  return static_cast<int>(::syscall(SYS_linkat, from_folder, from, to_folder, to, flags));
}

int rename(const char* from, const char* to) noexcept {
  if (watching() && refuse("rename " + std::filesystem::path(to).filename().string())) return -1;
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

}  // extern "C"
