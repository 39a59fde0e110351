// A file that appears under its name only when it is complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace dinghy::converter {

/// Bytes go to a file without a name; commit() makes them durable and gives them the name `path`, replacing an older
/// file, whose mode they get. Where `path` is a link, what it points to is replaced. Without a commit nothing stays
/// behind, whatever ends the process. Where the system has no files without a name, the file is called
/// PATH.NUMBER.dinghy-part, and what a killed process left so is removed by the next OutputFile of this path.
class OutputFile {
 public:
  /// Throws Error when the folder does not exist or cannot be written to, when `path` is no regular file, and when it
  /// is one that was read.
  explicit OutputFile(const std::string& path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  /// Appends. Throws Error when the disk is full or fails.
  void write(std::span<const std::byte> bytes);
  /// Appends zeros up to `offset`, where the file is shorter.
  void pad_to(std::uint64_t offset);
  /// Replaces as many bytes at the beginning, which were there already. Throws Error as write().
  void write_front(std::span<const std::byte> bytes);
  std::uint64_t size() const { return size_; }

  /// Where the bytes are until commit(), for a check of what was written; write() calls before it are visible there.
  const std::string& temporary_path() const { return temporary_path_; }

  /// fsync, rename, fsync of the folder. Throws Error when one fails: nothing stays behind then, or, where only the
  /// last failed, the complete new file.
  void commit();

 private:
  /// Calls `make` with names beside the target until it makes a file of one; returns that.
  template <class Make>
  std::string with_part_name(Make make) const;
  bool open_nameless(const std::string& folder);
  bool open_part(const char* name);
  void remove_stale_parts(const std::string& folder) const;
  void put(std::span<const std::byte> bytes);
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  std::string target_;          // where links lead
  std::string temporary_path_;  // to open the file by
  std::string part_;            // the name that the file has until its own; empty while it has none
  std::uint64_t size_ = 0;
  int descriptor_ = -1;
};

}  // namespace dinghy::converter
