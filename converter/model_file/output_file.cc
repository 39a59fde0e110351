#include "converter/model_file/output_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "converter/error.h"
#include "converter/input_file.h"

namespace dinghy::converter {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPart = ".dinghy-part";

std::string target_of(const std::string& path) {
  constexpr int kMaxLinks = 40;  // as Linux
  fs::path target = path;
  std::error_code error;
  for (int links = 0; fs::is_symlink(fs::symlink_status(target, error)); ++links) {
    if (links == kMaxLinks) throw Error(path, "is a link that leads to itself; give another name with -o");
    target = target.parent_path() / fs::read_symlink(target, error);
  }
  return target.string();
}

std::string folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

// Makes the names in the folder durable. True also where the file system has no such thing.
bool sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno == EACCES;  // a folder that may be written to, but not read
  const bool synced = fsync(descriptor) == 0 || errno == EINVAL;
  const int error = errno;
  close(descriptor);
  errno = error;
  return synced;
}

// "m.dinghy.NUMBER.dinghy-part", for the target "m.dinghy".
bool is_part_of(const std::string& target, const std::string& name) {
  const std::size_t ends = target.size() + std::strlen(kPart);
  if (name.size() < ends + 2 || !name.starts_with(target + ".") || !name.ends_with(kPart)) return false;
  const std::string number = name.substr(target.size() + 1, name.size() - ends - 1);
  return number.find_first_not_of("0123456789") == std::string::npos;
}

// Whoever writes a file holds its lock: one that can be had is of a process that was killed.
void remove_if_stale(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return;
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
  close(descriptor);
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path), target_(target_of(path)) {
  refuse_input_as_output(path);
  struct stat existing = {};
  const bool replaces = stat(target_.c_str(), &existing) == 0;
  if (replaces && !S_ISREG(existing.st_mode)) throw Error(path, "is not a regular file; give another name with -o");
  signal(SIGXFSZ, SIG_IGN);  // beyond the process' limit write() fails, instead of ending the process
  const std::string folder = folder_of(target_);
  remove_stale_parts(folder);
  if (!open_nameless(folder)) {
    part_ = with_part_name([this](const char* name) { return open_part(name); });
    temporary_path_ = part_;
  }
  if (replaces) fchmod(descriptor_, existing.st_mode & 0777);
}

OutputFile::~OutputFile() {
  if (!part_.empty()) unlink(part_.c_str());
  close(descriptor_);
}

bool OutputFile::open_nameless(const std::string& folder) {
#ifdef O_TMPFILE
  descriptor_ = ::open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0666);
  if (descriptor_ < 0) return false;
  temporary_path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  if (access(temporary_path_.c_str(), F_OK) == 0) return flock(descriptor_, LOCK_EX), true;
  close(descriptor_);  // without /proc it could never get a name
#else
  (void)folder;
#endif
  return false;
}

bool OutputFile::open_part(const char* name) {
  descriptor_ = ::open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) return false;
  flock(descriptor_, LOCK_EX);
  struct stat status = {};
  if (fstat(descriptor_, &status) == 0 && status.st_nlink > 0) return true;
  close(descriptor_);  // another process has just taken it for stale
  errno = EEXIST;
  return false;
}

template <class Make>
std::string OutputFile::with_part_name(Make make) const {
  for (int number = getpid();; ++number) {
    const std::string name = target_ + "." + std::to_string(number) + kPart;
    if (make(name.c_str())) return name;
    if (errno != EEXIST) fail("cannot be written");
  }
}

void OutputFile::remove_stale_parts(const std::string& folder) const {
  const std::string target = fs::path(target_).filename().string();
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (is_part_of(target, entry->path().filename().string())) remove_if_stale(entry->path().string());
  }
}

void OutputFile::put(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void OutputFile::write(std::span<const std::byte> bytes) {
  put(bytes);
  size_ += bytes.size();
}

void OutputFile::write_front(std::span<const std::byte> bytes) {
  if (lseek(descriptor_, 0, SEEK_SET) < 0) fail("cannot be written");
  put(bytes);
  if (lseek(descriptor_, 0, SEEK_END) < 0) fail("cannot be written");
}

void OutputFile::pad_to(std::uint64_t offset) {
  static constexpr std::array<std::byte, 4096> kZeros{};
  while (size_ < offset) write(std::span(kZeros).first(std::min<std::uint64_t>(kZeros.size(), offset - size_)));
}

void OutputFile::commit() {
  if (fsync(descriptor_) != 0) fail("cannot be written");
  if (part_.empty()) {  // a name of its own first: a link replaces nothing, a rename does
    part_ = with_part_name([this](const char* name) {
      return linkat(AT_FDCWD, temporary_path_.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
    });
  }
  if (rename(part_.c_str(), target_.c_str()) != 0) fail("cannot be given its name");
  part_.clear();
  if (!sync_folder(folder_of(target_))) fail("has its name, which a power cut may undo");
}

void OutputFile::fail(const std::string& what) const {
  throw Error(path_, what + ": " + std::strerror(errno) + "; give another place with -o");
}

}  // namespace dinghy::converter
