// What all parts of a file ask for together. A file of a few KB can name the same weights or the same row thousands of
// times; these sums keep the time of opening and the memory of user states and scorers near to the size of the file.
#include <algorithm>

#include "engine/format/verify.h"

namespace dinghy::format {
namespace {

std::uint64_t dense_bytes(const Model& model) noexcept {
  std::uint64_t bytes = 0;
  for (const Segment* segment : *model.segments()) {
    if (segment->kind() == SegmentKind::dense) bytes += segment->size();
  }
  return bytes;
}

/// Bytes of the dense tensors that layers name, each as often as it is named. One that no dense segment has room for is
/// left out: check_tensor() refuses it by its name.
class DenseTotal {
 public:
  explicit DenseTotal(std::uint64_t room) noexcept : room_(room) {}

  void add(const Layers* layers) noexcept {
    for (std::uint32_t i = 0; i < count(layers); ++i) add(*layers->Get(i));
  }
  void add(const Layer& layer) noexcept {
    add(layer.weight());
    add(layer.bias());
    if (layer.activation() == nullptr) return;
    for (const Tensor* t : {layer.activation()->scale(), layer.activation()->shift(), layer.activation()->alpha()}) {
      add(t);
    }
  }
  bool fits() const noexcept { return bytes_ <= room_; }

 private:
  void add(const Tensor* tensor) noexcept {
    if (tensor == nullptr || tensor->rows() > kMaxInput || tensor->stride() > kMaxWidth) return;
    const std::uint64_t bytes = std::uint64_t{tensor->rows()} * tensor->stride() * sizeof(float);
    if (bytes <= room_) bytes_ += bytes;
  }

  std::uint64_t room_, bytes_ = 0;
};

/// The widest q, k or layer of q that an interest has.
std::uint32_t widest_row(const File& file, const Interest& interest) noexcept {
  std::uint32_t widest = std::max(query_width(file, interest), key_width(file, interest));
  for (std::uint32_t i = 0; i < count(interest.query_layers()); ++i) {
    widest = std::max(widest, interest.query_layers()->Get(i)->weight()->cols());
  }
  return widest;
}

}  // namespace

Status check_dense_total(const File& file) noexcept {
  const Model& model = *file.model;
  DenseTotal total(dense_bytes(model));
  for (const Feature* feature : *model.features()) {
    if (feature->projection() != nullptr) total.add(*feature->projection());
  }
  for (std::uint32_t i = 0; i < count(model.interests()); ++i) {
    const Interest& interest = *model.interests()->Get(i);
    for (const Layers* layers : {interest.query_layers(), interest.layers(), interest.post_layers()}) total.add(layers);
  }
  for (std::uint32_t i = 0; i < count(model.mlps()); ++i) total.add(model.mlps()->Get(i)->layers());
  total.add(model.tower()->layers());
  if (total.fits()) return Status();
  return Status::error(Code::bad_file,
                       "layers: their tensors have more bytes together than the dense segments: overlap");
}

Status check_row_total(const File& file) noexcept {
  const Model& model = *file.model;
  std::uint64_t features = 0, widest = 0;
  for (const Feature* feature : *model.features()) features += feature->width();
  if (features > kMaxInput) {
    return Status::error(Code::bad_file, "features: their vectors are wider than %u together", kMaxInput);
  }
  // A scorer keeps rows of the widest interest for each of them.
  for (std::uint32_t i = 0; i < count(model.interests()); ++i) {
    widest = std::max<std::uint64_t>(widest, widest_row(file, *model.interests()->Get(i)));
  }
  if (widest * count(model.interests()) > kMaxInput) {
    return Status::error(Code::bad_file, "interests: their count times the widest of them is over %u", kMaxInput);
  }
  return Status();
}

}  // namespace dinghy::format
