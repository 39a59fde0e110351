// A zip archive, read with libzip: what .pth, .npz and .keras files are. Hostile archives end in an Error.
#pragma once

#include <unordered_map>

#include "converter/input_file.h"
#include "converter/tensor.h"

struct zip;

namespace dinghy::converter {

class Archive : public std::enable_shared_from_this<Archive> {
 public:
  /// Throws Error for a file that is no complete zip archive, holds a name twice, an encrypted member, one packed with
  /// anything but deflate, members that overlap, or that unpack to more than 1 GiB and 100 times the archive's size.
  static std::shared_ptr<const Archive> open(const std::string& path);
  /// The same for an archive that is `size` bytes of a file, from `offset`.
  static std::shared_ptr<const Archive> open(const std::string& path, std::uint64_t offset, std::uint64_t size);
  ~Archive();
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  const std::string& path() const { return path_; }
  /// In the archive's order, without folders.
  const std::vector<std::string>& names() const { return names_; }
  bool contains(const std::string& name) const { return members_.contains(name); }
  /// Bytes of a member, unpacked. Throws Error when there is no such member.
  std::uint64_t size(const std::string& name) const;

  /// The bytes of a member, checked against its CRC. Throws Error when there are more than `limit`, when it is damaged,
  /// or when it unpacks to more than deflate honestly can.
  std::vector<std::byte> bytes(const std::string& name, std::uint64_t limit) const;
  /// A member as a storage. Members up to 64 MiB and deflated ones are loaded whole, with their CRC checked; larger
  /// stored ones stay in the file and are read by position, unchecked.
  std::shared_ptr<const Storage> storage(const std::string& name) const;

  /// "model.pth: model/data.pkl", as `where` of an Error.
  std::string place(const std::string& name) const { return path_ + ": " + name; }

 private:
  struct Member {
    std::uint64_t index;
    std::uint64_t size;
    std::uint64_t packed_size;
    bool deflated;
  };
  friend class MemberStorage;

  Archive(const std::string& path, const InputFile& file, std::uint64_t offset, std::uint64_t size);
  static std::shared_ptr<const Archive> open(const std::string& path, const InputFile& file, std::uint64_t offset,
                                             std::uint64_t size);
  void list_members(std::uint64_t archive_size);
  const Member& member(const std::string& name) const;
  void read(const std::string& name, std::uint64_t offset, std::span<std::byte> out) const;

  std::string path_;
  zip* zip_ = nullptr;
  std::vector<std::string> names_;
  std::unordered_map<std::string, Member> members_;
};

}  // namespace dinghy::converter
