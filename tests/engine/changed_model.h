// A sound model file whose metadata a test changes; the header is set right again, so that the change reaches the check
// of its meaning, not that of a size or the hash.
#pragma once

#include "changeable_generated.h"
#include "dinghy/model.h"
#include "tests/engine/aligned_bytes.h"
#include "tests/engine/random_network.h"

namespace dinghy::tests {

/// Makes the header's sizes and hash those of `file`, as far as there are bytes for them.
void set_header_right(std::span<std::byte> file);

class ChangedModel {
 public:
  explicit ChangedModel(std::vector<std::byte> file, std::size_t room = kRoom);
  explicit ChangedModel(const converter::Network& network) : ChangedModel(ModelFile(network).bytes()) {}
  explicit ChangedModel(const Shape& shape) : ChangedModel(random_network(shape)) {}

  /// The metadata as plain structs: schema/model.fbs in a namespace of its own, with FlatBuffers' object API. Segments
  /// begin where they did, plus `room`: metadata may grow into it.
  changeable::ModelT metadata;
  static constexpr std::size_t kRoom = 4 << 20;

  /// The bytes of a segment, as the metadata now places it.
  std::byte* segment(std::size_t index) { return bytes_.data() + metadata.segments[index]->offset; }
  /// The same, empty where that is outside the file.
  std::span<std::byte> bytes_of(std::size_t index);
  /// A segment of zeros behind all others, which begin where they did. Its index.
  std::uint32_t add_segment(changeable::SegmentKind kind, std::size_t size);
  /// Makes all weights zero, for tensors whose columns move: what is behind the last column has to be zero.
  void make_weights_zero();
  /// Header, metadata and segments as they are now. Throws when the metadata does not fit before the segments.
  AlignedBytes file() const;
  /// Opens file(), which lives as long as this object, or until the next open().
  Result<Model> open();

 private:
  std::size_t room_;
  std::vector<std::byte> bytes_;  // without header and metadata
  std::vector<AlignedBytes> opened_;
};

}  // namespace dinghy::tests
