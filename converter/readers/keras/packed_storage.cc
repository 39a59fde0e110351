#include "converter/readers/keras/packed_storage.h"

#include <cstring>

#include "converter/error.h"
#include "converter/readers/keras/h5_process.h"

namespace dinghy::converter {
namespace {

class PackedStorage : public Storage {
 public:
  PackedStorage(std::shared_ptr<const Storage> file, const H5Dataset& dataset, std::string where)
      : file_(std::move(file)), path_(dataset.path), where_(std::move(where)) {
    size_ = size_of(dataset.dtype);
    for (const std::int64_t extent : dataset.shape) size_ *= static_cast<std::uint64_t>(extent);
    row_size_ = dataset.shape.empty() || size_ == 0 ? size_ : size_ / static_cast<std::uint64_t>(dataset.shape[0]);
  }

  std::uint64_t size() const override { return size_; }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (out.empty()) return;
    const std::uint64_t first = offset / row_size_;
    const std::uint64_t count = (offset + out.size() - 1) / row_size_ + 1 - first;
    const std::string rows = ask_h5_process({where_, {}, H5Rows{path_, first, count}}, *file_);
    if (rows.size() != count * row_size_) throw Error(where_ + ": " + path_, "cannot be read; the file is damaged");
    std::memcpy(out.data(), rows.data() + (offset - first * row_size_), out.size());
  }

 private:
  std::shared_ptr<const Storage> file_;
  std::string path_, where_;
  std::uint64_t size_, row_size_;
};

}  // namespace

std::shared_ptr<const Storage> packed_storage(std::shared_ptr<const Storage> file, const H5Dataset& dataset,
                                              const std::string& where) {
  return std::make_shared<PackedStorage>(std::move(file), dataset, where);
}

}  // namespace dinghy::converter
