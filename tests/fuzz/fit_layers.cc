#include "tests/fuzz/fit_layers.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace dinghy::fuzz {
namespace {

namespace changeable = tests::changeable;
using Layers = std::vector<std::unique_ptr<changeable::LayerT>>;
using Parts = std::vector<std::unique_ptr<changeable::PartT>>;

constexpr std::uint64_t kWidest = 1 << 18;     // beyond it every file is refused
constexpr std::uint64_t kMostBytes = 1 << 20;  // that a mutant gets more
constexpr std::uint64_t kNumbersApart = 16;    // a row and a tensor begin at multiples of it

class Fit {
 public:
  explicit Fit(tests::ChangedModel& model) : model_(model) {
    changeable::ModelT& m = model.metadata;
    for (auto& f : m.features) feature(*f);
    for (auto& i : m.interests) interest(*i);
    for (auto& mlp : m.mlps) chain(mlp->layers, width(mlp->parts));
    chain(m.tower->layers, width(m.tower->parts));
    make_room();
  }

 private:
  void feature(changeable::FeatureT& f) {
    const auto& tables = model_.metadata.tables;
    const std::int64_t table = f.role == changeable::Role::history ? f.history_table : f.table;
    if (f.kind != changeable::FeatureKind::dense) {
      if (table >= 0 && static_cast<std::size_t>(table) < tables.size()) {
        f.width = tables[static_cast<std::size_t>(table)]->width;
      }
    } else if (f.projection != nullptr) {
      layer(*f.projection, f.dense_width, f.width);
    } else {
      f.width = f.dense_width;
    }
  }

  void interest(changeable::InterestT& i) {
    std::uint64_t keys = 0, query = 0;
    for (const auto& field : i.fields) {
      keys += feature_width(field->key);
      query += feature_width(field->query);
    }
    chain(i.query_layers, query, keys);
    chain(i.layers, 4 * keys, 1);
    chain(i.post_layers, keys);
  }

  std::uint64_t feature_width(std::uint32_t f) const {
    return f < model_.metadata.features.size() ? model_.metadata.features[f]->width : 0;
  }
  static std::uint64_t width(const Parts& parts) {
    std::uint64_t width = 0;
    for (const auto& part : parts) width += part->operand->width;
    return width;
  }

  /// Layers from `in` numbers to `out`; to what they give now where `out` is 0.
  void chain(Layers& layers, std::uint64_t in, std::uint64_t out = 0) {
    for (auto& next : layers) {
      const bool last = &next == &layers.back();
      const std::uint64_t width = last && out != 0 ? out : next->weight->cols;
      layer(*next, in, width);
      in = width;
    }
  }

  void layer(changeable::LayerT& layer, std::uint64_t in, std::uint64_t out) {
    tensor(layer.weight.get(), in, out);
    tensor(layer.bias.get(), 1, out);
    if (layer.activation == nullptr) return;
    changeable::ActivationT& a = *layer.activation;
    tensor(a.scale.get(), 1, out);
    tensor(a.shift.get(), 1, out);
    if (a.alpha != nullptr) tensor(a.alpha.get(), a.alpha->rows, out);
  }

  void tensor(changeable::TensorT* tensor, std::uint64_t rows, std::uint64_t cols) {
    if (tensor == nullptr || rows == 0 || cols == 0 || rows > kWidest || cols > kWidest) return;
    const std::uint64_t stride = (cols + kNumbersApart - 1) / kNumbersApart * kNumbersApart;
    const std::uint64_t bytes = rows * stride * sizeof(float);
    bytes_ += bytes;
    if (tensor->rows == rows && tensor->cols == cols) return;
    if (moved_bytes_ + bytes > kMostBytes) return;
    tensor->rows = static_cast<std::uint32_t>(rows);
    tensor->cols = static_cast<std::uint32_t>(cols);
    tensor->stride = static_cast<std::uint32_t>(stride);
    tensor->offset = moved_bytes_;
    moved_.push_back(tensor);
    moved_bytes_ += bytes;
  }

  /// The tensors that moved get their segment. All tensors together have no more numbers than there are.
  void make_room() {
    std::uint64_t dense = 0;
    for (const auto& segment : model_.metadata.segments) {
      if (segment->kind == changeable::SegmentKind::dense) dense += std::min(segment->size, kMostBytes);
    }
    const std::uint64_t lacking = bytes_ > dense ? bytes_ - dense : 0;
    const std::uint64_t size = std::min(kMostBytes, std::max(moved_bytes_, lacking));
    if (size == 0) return;
    const std::uint32_t segment = model_.add_segment(changeable::SegmentKind::dense, size);
    for (changeable::TensorT* tensor : moved_) tensor->segment = segment;
  }

  tests::ChangedModel& model_;
  std::vector<changeable::TensorT*> moved_;
  std::uint64_t moved_bytes_ = 0;
  std::uint64_t bytes_ = 0;  // of all tensors
};

}  // namespace

void fit_layers(tests::ChangedModel& model) { Fit fit(model); }

}  // namespace dinghy::fuzz
