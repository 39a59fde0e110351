#include "converter/model_file/output_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

// What the signal handler removes. A pointer to bytes that outlive their use, since a handler may touch nothing else.
std::atomic<const char*> unfinished_file{nullptr};

void remove_unfinished_file(int signal_number) {
  if (const char* path = unfinished_file.exchange(nullptr)) unlink(path);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void install_handlers() {
  signal(SIGXFSZ, SIG_IGN);  // beyond the process' limit write() fails, instead of ending the process
  struct sigaction action = {};
  action.sa_handler = remove_unfinished_file;
  for (int number : kSignals) {
    struct sigaction old = {};
    // A signal that the parent chose to ignore (nohup) stays ignored.
    if (sigaction(number, nullptr, &old) == 0 && old.sa_handler == SIG_DFL) sigaction(number, &action, nullptr);
  }
}

class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    sigset_t signals;
    sigemptyset(&signals);
    for (int number : kSignals) sigaddset(&signals, number);
    sigprocmask(SIG_BLOCK, &signals, &before_);
  }
  ~SignalsHeldBack() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;

 private:
  sigset_t before_;
};

// Makes the names in the file's folder durable. True also where the file system has no such thing.
bool sync_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const int descriptor = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno == EACCES;  // a folder that may be written to, but not read
  const bool synced = fsync(descriptor) == 0 || errno == EINVAL;
  const int error = errno;
  close(descriptor);
  errno = error;
  return synced;
}

// What a file that open() creates would get: mkstemp gives 0600, which a model for others must not keep.
mode_t usual_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path), temporary_path_(path + ".XXXXXX") {
  struct stat existing = {};
  if (stat(path.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode)) {
    throw Error(path, "is not a regular file; give another name with -o");
  }
  {
    const SignalsHeldBack held;  // until the handler knows the file
    descriptor_ = mkstemp(temporary_path_.data());
    if (descriptor_ < 0) fail("cannot be written");
    unfinished_file = temporary_path_.c_str();
    install_handlers();
  }
  fchmod(descriptor_, usual_mode());
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (unfinished_file.exchange(nullptr)) unlink(temporary_path_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot be written");
    size_ += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void OutputFile::pad_to(std::uint64_t offset) {
  static constexpr std::array<std::byte, 4096> kZeros{};
  while (size_ < offset) write(std::span(kZeros).first(std::min<std::uint64_t>(kZeros.size(), offset - size_)));
}

void OutputFile::commit() {
  if (fsync(descriptor_) != 0) fail("cannot be written");
  if (rename(temporary_path_.c_str(), path_.c_str()) != 0) fail("cannot be given its name");
  unfinished_file = nullptr;
  if (!sync_folder_of(path_)) fail("has its name, which a power cut may undo");
}

void OutputFile::fail(const std::string& what) const {
  throw Error(path_, what + ": " + std::strerror(errno) + "; give another place with -o");
}

}  // namespace dinghy::converter
