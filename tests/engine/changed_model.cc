#include "tests/engine/changed_model.h"

#include <algorithm>
#include <stdexcept>

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

ChangedModel::ChangedModel(const converter::Network& network, std::size_t room)
    : room_(room), bytes_(ModelFile(network).bytes()) {
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
