// A file that appears under its name only when it is complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace dinghy::converter {

/// Bytes go to a temporary file beside `path`; commit() makes them durable and gives them the name, replacing an older
/// file. Without a commit nothing stays behind: not after an exception, nor after SIGINT, SIGTERM or SIGHUP, whose
/// handlers unlink the file and then let the signal do its work. (Linux's nameless O_TMPFILE would survive SIGKILL too,
/// but not every file system and system has it, and it cannot replace a file.) One OutputFile at a time.
class OutputFile {
 public:
  /// Throws Error when the folder does not exist or cannot be written to.
  explicit OutputFile(const std::string& path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  /// Appends. Throws Error when the disk is full or fails.
  void write(std::span<const std::byte> bytes);
  /// Appends zeros up to `offset`, which is not before the present size.
  void pad_to(std::uint64_t offset);
  std::uint64_t size() const { return size_; }

  /// Where the bytes are until commit(), for a check of what was written; write() calls before it are visible there.
  const std::string& temporary_path() const { return temporary_path_; }

  /// fsync, rename, fsync of the folder. Throws Error when one fails: nothing stays behind then, or, where only the
  /// last failed, the complete new file.
  void commit();

 private:
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  std::string temporary_path_;
  std::uint64_t size_ = 0;
  int descriptor_ = -1;
};

}  // namespace dinghy::converter
