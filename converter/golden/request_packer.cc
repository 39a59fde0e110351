#include "converter/golden/request_packer.h"

namespace dinghy::converter {
namespace {

template <class T>
flatbuffers::Offset<flatbuffers::Vector<T>> vector_of(flatbuffers::FlatBufferBuilder& builder,
                                                      std::span<const T> values) {
  return builder.CreateVector(values.data(), values.size());
}

flatbuffers::Offset<format::GoldenColumn> pack_column(flatbuffers::FlatBufferBuilder& builder, const Column& column) {
  flatbuffers::Offset<flatbuffers::Vector<std::int64_t>> ids;
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> strings;
  flatbuffers::Offset<flatbuffers::Vector<float>> numbers;
  flatbuffers::Offset<flatbuffers::Vector<std::uint32_t>> offsets;
  switch (column.kind()) {
    case Column::Kind::ids:
      ids = vector_of(builder, std::span(column.ids(), column.size()));
      break;
    case Column::Kind::strings: {
      std::vector<flatbuffers::Offset<flatbuffers::String>> texts;
      for (std::size_t i = 0; i < column.size(); ++i) {
        texts.push_back(builder.CreateString(column.string(i).data(), column.string(i).size()));
      }
      strings = builder.CreateVector(texts);
      break;
    }
    case Column::Kind::rows:
      break;  // golden rows have ids
    case Column::Kind::numbers:
      numbers = vector_of(builder, std::span(column.numbers(), column.size()));
      break;
  }
  if (column.is_bag()) offsets = vector_of(builder, column.offsets());
  return format::CreateGoldenColumn(builder, column.feature(), ids, strings, numbers, offsets);
}

}  // namespace

RequestPacker::PackedColumns RequestPacker::pack(Columns columns) {
  std::vector<flatbuffers::Offset<format::GoldenColumn>> packed;
  for (const Column& column : columns) packed.push_back(pack_column(builder_, column));
  return builder_.CreateVector(packed);
}

void RequestPacker::add(const Row& row) {
  const PackedColumns features = pack(row.features), history = pack(row.history), candidates = pack(row.candidates);
  const auto scores = vector_of(builder_, row.scores);
  flatbuffers::Offset<flatbuffers::Vector<float>> attention;
  if (!row.attention.empty()) attention = vector_of(builder_, row.attention);
  requests_.push_back(
      format::CreateGoldenRequest(builder_, row.line, features, history, candidates, scores, attention));
}

std::vector<std::uint8_t> RequestPacker::finish() {
  if (requests_.empty()) return {};
  builder_.Finish(format::CreateGoldenRequests(builder_, builder_.CreateVector(requests_)),
                  format::GoldenRequestsIdentifier());
  return {builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize()};
}

}  // namespace dinghy::converter
