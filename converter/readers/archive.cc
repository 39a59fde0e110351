#include "converter/readers/archive.h"

#include <fcntl.h>
#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "converter/error.h"
#include "converter/readers/storage.h"

namespace dinghy::converter {
namespace {

constexpr std::uint64_t kLoadedWhole = std::uint64_t{64} << 20;
constexpr std::uint64_t kMaxMembers = 1'000'000;
constexpr std::uint64_t kMaxExpansion = 1000;  // deflate itself cannot do more than 1032
// What all deflated members of an archive may unpack to: this much, and the archive's size times this.
constexpr std::uint64_t kUnpackedWhole = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxExpansionTogether = 100;

struct CloseMember {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using MemberFile = std::unique_ptr<zip_file_t, CloseMember>;

MemberFile open_member(zip* archive, std::uint64_t index, const std::string& where) {
  MemberFile file(zip_fopen_index(archive, index, 0));
  if (!file) throw Error(where, std::string("cannot be opened: ") + zip_strerror(archive) + "; the archive is damaged");
  return file;
}

// libzip reads from a stream of its own, which it closes.
std::FILE* own_stream(const std::string& path, const InputFile& file) {
  const int descriptor = ::fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0);
  std::FILE* const stream = descriptor < 0 ? nullptr : ::fdopen(descriptor, "rb");
  if (stream) return stream;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  throw Error(path, std::string("cannot be opened: ") + std::strerror(reason));
}

void read_exactly(zip_file_t* file, std::span<std::byte> out, const std::string& where) {
  while (!out.empty()) {
    const zip_int64_t got = zip_fread(file, out.data(), out.size());
    if (got < 0) {
      throw Error(where, std::string("cannot be read: ") + zip_file_strerror(file) + "; the archive is damaged");
    }
    if (got == 0) throw Error(where, "ends before its stated size; the archive is damaged or truncated");
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace

class MemberStorage : public Storage {
 public:
  MemberStorage(std::shared_ptr<const Archive> archive, std::string name)
      : archive_(std::move(archive)), name_(std::move(name)) {}
  std::uint64_t size() const override { return archive_->size(name_); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override { archive_->read(name_, offset, out); }

 private:
  std::shared_ptr<const Archive> archive_;
  std::string name_;
};

std::shared_ptr<const Archive> Archive::open(const std::string& path) {
  const InputFile file(path);
  return open(path, file, 0, file.size());
}

std::shared_ptr<const Archive> Archive::open(const std::string& path, std::uint64_t offset, std::uint64_t size) {
  return open(path, InputFile(path), offset, size);
}

std::shared_ptr<const Archive> Archive::open(const std::string& path, const InputFile& file, std::uint64_t offset,
                                             std::uint64_t size) {
  std::shared_ptr<Archive> archive(new Archive(path, file, offset, size));
  archive->list_members(size);
  return archive;
}

Archive::Archive(const std::string& path, const InputFile& file, std::uint64_t offset, std::uint64_t size)
    : path_(path) {
  zip_error_t error;
  zip_error_init(&error);
  std::FILE* const stream = own_stream(path, file);
  zip_source_t* const source = zip_source_filep_create(stream, offset, static_cast<zip_int64_t>(size), &error);
  if (!source) std::fclose(stream);
  zip_ = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr;
  const std::string reason = zip_ ? "" : zip_error_strerror(&error);
  if (!zip_ && source) zip_source_free(source);
  zip_error_fini(&error);
  if (!zip_) {
    throw Error(path, "is not a complete zip archive (" + reason + "): truncated or damaged; copy or save it again");
  }
}

Archive::~Archive() {
  if (zip_) zip_discard(zip_);
}

void Archive::list_members(std::uint64_t archive_size) {
  const auto count = static_cast<std::uint64_t>(std::max<zip_int64_t>(zip_get_num_entries(zip_, 0), 0));
  if (count > kMaxMembers) throw Error(path_, "has more than a million members");
  std::uint64_t packed = 0, unpacked = 0;
  for (std::uint64_t index = 0; index < count; ++index) {
    zip_stat_t status;
    zip_stat_init(&status);
    if (zip_stat_index(zip_, index, 0, &status) != 0) {
      throw Error(path_, std::string("has an unreadable directory: ") + zip_strerror(zip_));
    }
    const std::string name = status.name;
    if (name.ends_with('/')) continue;
    if (status.encryption_method != ZIP_EM_NONE) throw Error(place(name), "is encrypted");
    if (status.comp_method != ZIP_CM_STORE && status.comp_method != ZIP_CM_DEFLATE) {
      throw Error(place(name), "is packed with method " + std::to_string(status.comp_method) +
                                   "; only stored and deflated members can be read");
    }
    const bool deflated = status.comp_method == ZIP_CM_DEFLATE;
    if (!deflated && status.size != status.comp_size) throw Error(place(name), "states two different sizes");
    if (status.comp_size > archive_size - packed) {
      throw Error(place(name),
                  "has no room in the archive beside the members before it: they overlap, or it is damaged");
    }
    packed += status.comp_size;
    const std::uint64_t room = kUnpackedWhole + kMaxExpansionTogether * archive_size - unpacked;
    const std::uint64_t taken = deflated ? status.size : 0;
    if (taken > room) {
      throw Error(path_,
                  "would unpack to more than 1 GiB and 100 times its size; store its members without compression");
    }
    unpacked += taken;
    if (!members_.emplace(name, Member{index, status.size, status.comp_size, deflated}).second) {
      throw Error(place(name), "is in the archive twice");
    }
    names_.push_back(name);
  }
}

const Archive::Member& Archive::member(const std::string& name) const {
  const auto found = members_.find(name);
  if (found == members_.end()) throw Error(place(name), "is missing from the archive");
  return found->second;
}

std::uint64_t Archive::size(const std::string& name) const { return member(name).size; }

std::vector<std::byte> Archive::bytes(const std::string& name, std::uint64_t limit) const {
  const Member& entry = member(name);
  const std::string where = place(name);
  if (entry.size > limit) {
    throw Error(where,
                "has " + std::to_string(entry.size) + " bytes, more than the " + std::to_string(limit) + " allowed");
  }
  if (entry.size > kLoadedWhole && entry.size / kMaxExpansion > entry.packed_size) {
    throw Error(where, "would unpack to more than 1000 times its size; store it without compression");
  }
  const MemberFile file = open_member(zip_, entry.index, where);
  std::vector<std::byte> result;
  // In steps, so that a size that is a lie costs no more memory than the bytes behind it.
  while (result.size() < entry.size) {
    const std::uint64_t have = result.size();
    result.resize(std::min(entry.size, have + kLoadedWhole));
    read_exactly(file.get(), std::span(result).subspan(have), where);
  }
  std::byte beyond;
  const zip_int64_t rest = zip_fread(file.get(), &beyond, 1);  // libzip compares the CRC when it meets the end
  if (rest < 0) throw Error(where, std::string("is damaged: ") + zip_file_strerror(file.get()));
  if (rest > 0) throw Error(where, "is longer than its stated size; the archive is damaged");
  return result;
}

std::shared_ptr<const Storage> Archive::storage(const std::string& name) const {
  const Member& entry = member(name);
  if (entry.deflated || entry.size <= kLoadedWhole) return std::make_shared<BufferStorage>(bytes(name, entry.size));
  return std::make_shared<MemberStorage>(shared_from_this(), name);
}

void Archive::read(const std::string& name, std::uint64_t offset, std::span<std::byte> out) const {
  const std::string where = place(name);
  const MemberFile file = open_member(zip_, member(name).index, where);
  if (zip_fseek(file.get(), static_cast<zip_int64_t>(offset), SEEK_SET) != 0) {
    throw Error(where, std::string("cannot be read by position: ") + zip_file_strerror(file.get()));
  }
  read_exactly(file.get(), out, where);
}

}  // namespace dinghy::converter
