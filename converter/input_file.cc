#include "converter/input_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

/// Device, inode and, where the system tells, seconds and nanoseconds of its creation: a file that was deleted leaves
/// its number to the next.
using FileId = std::array<std::uint64_t, 4>;

std::set<FileId>& inputs() {
  static std::set<FileId> files;
  return files;
}

/// Pipes, and what standard input is, that were opened: they give their bytes once.
std::set<FileId>& streams() {
  static std::set<FileId> files;
  return files;
}

FileId id_of(const std::string& path, const struct stat& status) {
  FileId id{status.st_dev, status.st_ino, 0, 0};
#ifdef STATX_BTIME
  struct statx created = {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_BTIME, &created) == 0 && (created.stx_mask & STATX_BTIME) != 0) {
    id[2] = static_cast<std::uint64_t>(created.stx_btime.tv_sec);
    id[3] = created.stx_btime.tv_nsec;
  }
#else
  (void)path;
#endif
  return id;
}

[[noreturn]] void fail(const std::string& path, int reason, const std::string& advice) {
  throw Error(path, std::string("cannot be opened: ") + std::strerror(reason) + (advice.empty() ? "" : "; " + advice));
}

[[noreturn]] void refuse(const std::string& path, const char* what, const std::string& advice) {
  throw Error(path, std::string("is ") + what + "; " + (advice.empty() ? "give a regular file" : advice));
}

const char* kind_of(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return "a folder";
  return S_ISFIFO(status.st_mode) ? "a pipe, which can be read once only" : "a device";
}

// Read again a stream would be empty, which looks like a file without rows.
void note_stream(const std::string& name, const struct stat& status) {
  if (streams().insert({status.st_dev, status.st_ino, 0, 0}).second) return;
  throw Error(name, "is given twice, and can be read once only; write it to a file and give that");
}

/// As every reader of a pipe. The descriptor stays open meanwhile: one that is closed and opened again can lose the
/// writer that came in between, and wait for ever.
void wait_for_writer(int pipe) {
  pollfd ready{pipe, POLLIN, 0};
  while (::poll(&ready, 1, -1) < 0 && errno == EINTR) {
  }
  ::fcntl(pipe, F_SETFL, O_RDONLY);  // no longer O_NONBLOCK
}

}  // namespace

InputFile::InputFile(const std::string& path, const std::string& advice, InputKind kind)
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0 && errno == ENXIO) refuse(path, "a socket", advice);
  if (descriptor_ < 0) fail(path, errno, advice);
  struct stat status = {};
  if (::fstat(descriptor_, &status) != 0) status.st_mode = 0;
  if (S_ISREG(status.st_mode)) {
    size_ = static_cast<std::uint64_t>(status.st_size);
    inputs().insert(id_of(path, status));
    return;
  }
  if (kind == InputKind::file || !S_ISFIFO(status.st_mode)) {
    ::close(descriptor_);
    refuse(path, kind_of(status), advice);
  }
  try {
    note_stream(path, status);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
  wait_for_writer(descriptor_);
}

InputFile InputFile::standard_input() {
  struct stat status = {};
  if (::fstat(STDIN_FILENO, &status) != 0) fail("standard input", errno, "");
  note_stream("standard input", status);
  const int descriptor = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) fail("standard input", errno, "");
  if (S_ISREG(status.st_mode)) inputs().insert(id_of("/dev/stdin", status));
  return InputFile(descriptor);
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

void note_input(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0) inputs().insert(id_of(path, status));
}

void refuse_input_as_output(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0 && inputs().contains(id_of(path, status))) {
    throw Error(path, "is read by this command; choose another output file");
  }
}

}  // namespace dinghy::converter
