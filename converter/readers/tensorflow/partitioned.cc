#include "converter/readers/tensorflow/partitioned.h"

#include <algorithm>
#include <map>

#include "converter/error.h"
#include "converter/readers/tensor_bounds.h"
#include "converter/readers/tensorflow/training_state.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

/// Storages one behind the other.
class JoinedStorage : public Storage {
 public:
  void append(std::shared_ptr<const Storage> part) {
    begins_.push_back(size_);
    size_ += part->size();
    parts_.push_back(std::move(part));
  }

  std::uint64_t size() const override { return size_; }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    auto i = static_cast<std::size_t>(std::ranges::upper_bound(begins_, offset) - begins_.begin()) - 1;
    for (; !out.empty(); ++i) {
      const std::uint64_t inside = offset - begins_[i];
      const std::size_t count =
          static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), parts_[i]->size() - inside));
      parts_[i]->read(inside, out.first(count));
      offset += count;
      out = out.subspan(count);
    }
  }

 private:
  std::vector<std::shared_ptr<const Storage>> parts_;
  std::vector<std::uint64_t> begins_;
  std::uint64_t size_ = 0;
};

bool same_rows(const Tensor& a, const Tensor& b) {
  return a.dtype == b.dtype && !a.shape.empty() && a.shape.size() == b.shape.size() &&
         std::equal(a.shape.begin() + 1, a.shape.end(), b.shape.begin() + 1);
}

}  // namespace

Tensor join_rows(std::string name, const std::vector<Tensor>& parts, const std::string& where) {
  Tensor joined = parts.front();
  joined.name = std::move(name);
  if (parts.size() == 1) return joined;
  auto storage = std::make_shared<JoinedStorage>();
  std::int64_t rows = 0;
  for (const Tensor& part : parts) {
    if (!same_rows(joined, part)) {
      throw Error(where, "the parts of " + in_quotes(joined.name) + " have shapes or types that do not fit together");
    }
    if (__builtin_add_overflow(rows, part.shape[0], &rows)) throw Error(where, "has impossibly many rows");
    if (part.storage->size() > 0) storage->append(part.storage);
  }
  joined.shape[0] = rows;
  joined.strides = dense_strides(joined.shape, false, where);
  joined.storage = std::move(storage);
  check_bounds(joined, where);
  return joined;
}

std::vector<Tensor> join_named_parts(std::vector<Tensor> tensors, const std::string& where) {
  std::map<std::string, std::vector<Tensor>> parts;  // by the whole name
  for (const Tensor& tensor : tensors) {
    const std::string whole = without_part(tensor.name);
    if (whole != tensor.name) parts[whole].push_back(tensor);
  }
  std::vector<Tensor> joined;
  for (Tensor& tensor : tensors) {
    const std::string whole = without_part(tensor.name);
    if (whole == tensor.name) {
      joined.push_back(std::move(tensor));
    } else if (const auto found = parts.find(whole); found != parts.end()) {
      std::vector<Tensor> ordered;
      for (std::size_t i = 0; i < found->second.size(); ++i) {
        const std::string part = whole + "/part_" + std::to_string(i);
        const auto place = std::ranges::find(found->second, part, &Tensor::name);
        if (place == found->second.end()) throw Error(where, "lacks " + in_quotes(part) + ", a part of a table");
        ordered.push_back(*place);
      }
      joined.push_back(join_rows(whole, ordered, where));
      parts.erase(found);
    }
  }
  return joined;
}

}  // namespace dinghy::converter
