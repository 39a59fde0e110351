// The storages that are no archive's: bytes in memory, a file, a part of another storage.
#pragma once

#include "converter/input_file.h"
#include "converter/tensor.h"

namespace dinghy::converter {

class BufferStorage : public Storage {
 public:
  explicit BufferStorage(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::vector<std::byte> bytes_;
};

/// A file on disk, read by position; open as long as the storage lives.
class FileStorage : public Storage {
 public:
  /// Throws Error as InputFile.
  explicit FileStorage(const std::string& path);

  std::uint64_t size() const override { return file_.size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::string path_;
  InputFile file_;
};

/// `size` bytes of `whole` from `offset`; the caller has checked that they are there.
class SliceStorage : public Storage {
 public:
  SliceStorage(std::shared_ptr<const Storage> whole, std::uint64_t offset, std::uint64_t size)
      : whole_(std::move(whole)), offset_(offset), size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<std::byte> out) const override { whole_->read(offset_ + offset, out); }

 private:
  std::shared_ptr<const Storage> whole_;
  std::uint64_t offset_;
  std::uint64_t size_;
};

/// The first bytes of a storage, at most `count`.
std::vector<std::byte> read_head(const Storage& storage, std::uint64_t count);

}  // namespace dinghy::converter
