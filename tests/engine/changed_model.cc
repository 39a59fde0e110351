#include "tests/engine/changed_model.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "schema/hash.h"
#include "schema/header.h"

namespace dinghy::tests {

void set_header_right(std::span<std::byte> file) {
  auto* const bytes = reinterpret_cast<unsigned char*>(file.data());
  format::Header header{};
  format::read_header(bytes, header);
  header.file_size = file.size();
  header.metadata_size = std::min<std::uint64_t>(header.metadata_size, file.size() - format::kHeaderSize);
  header.metadata_hash = format::fnv1a64(bytes + format::kHeaderSize, header.metadata_size);
  format::write_header(header, bytes);
}

ChangedModel::ChangedModel(std::vector<std::byte> file, std::size_t room) : room_(room), bytes_(std::move(file)) {
  changeable::GetModel(bytes_.data() + format::kHeaderSize)->UnPackTo(&metadata);
  std::fill_n(bytes_.begin(), metadata.segments.front()->offset, std::byte{0});
  bytes_.insert(bytes_.begin(), room, std::byte{0});
  for (auto& segment : metadata.segments) segment->offset += room;
}

std::span<std::byte> ChangedModel::bytes_of(std::size_t index) {
  const changeable::SegmentT& s = *metadata.segments[index];
  if (s.offset > bytes_.size() || s.size > bytes_.size() - s.offset) return {};
  return std::span(bytes_).subspan(s.offset, s.size);
}

std::uint32_t ChangedModel::add_segment(changeable::SegmentKind kind, std::size_t size) {
  auto segment = std::make_unique<changeable::SegmentT>();
  segment->kind = kind;
  segment->offset =
      (bytes_.size() + format::kSegmentAlignment - 1) / format::kSegmentAlignment * format::kSegmentAlignment;
  segment->size = size;
  bytes_.resize(segment->offset + size);
  metadata.segments.push_back(std::move(segment));
  return static_cast<std::uint32_t>(metadata.segments.size() - 1);
}

void ChangedModel::make_weights_zero() { std::ranges::fill(bytes_of(0), std::byte{0}); }

AlignedBytes ChangedModel::file() const {
  flatbuffers::FlatBufferBuilder builder;
  changeable::FinishModelBuffer(builder, changeable::Model::Pack(builder, &metadata));
  if (builder.GetSize() > room_) throw std::logic_error("the changed metadata has no room before the segments");
  AlignedBytes file(bytes_);
  std::memcpy(file.data() + format::kHeaderSize, builder.GetBufferPointer(), builder.GetSize());
  format::Header header{format::kFormatVersion, format::kHeaderSize, builder.GetSize(), 0, 0};
  format::write_header(header, reinterpret_cast<unsigned char*>(file.data()));
  set_header_right({file.data(), file.size()});
  return file;
}

Result<Model> ChangedModel::open() {
  opened_.clear();
  opened_.push_back(file());
  return Model::from_memory(opened_.front().span());
}

}  // namespace dinghy::tests
