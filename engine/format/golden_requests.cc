#include "engine/format/golden_requests.h"

#include <cstdint>

#include "engine/format/bounds.h"
#include "schema/golden_bounds.h"

namespace dinghy::format {
namespace {

using ColumnVector = flatbuffers::Vector<flatbuffers::Offset<GoldenColumn>>;

constexpr flatbuffers::uoffset_t kGoldenDepth = 4;

template <class T>
std::uint64_t bytes_of(const flatbuffers::Vector<T>* values) noexcept {
  return values == nullptr ? 0 : std::uint64_t{values->size()} * sizeof(T);
}

std::uint64_t bytes_of(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* strings) noexcept {
  if (strings == nullptr) return 0;
  std::uint64_t bytes = 0;
  // A string takes its length, its characters and a zero, and four bytes where it is named.
  for (const flatbuffers::String* string : *strings) bytes += string->size() + std::uint64_t{9};
  return bytes;
}

/// Adds the bytes of all values to `taken`; false for a column that has not values of exactly one kind.
bool add(const ColumnVector* columns, std::uint64_t& taken) noexcept {
  if (columns == nullptr) return true;
  for (const GoldenColumn* column : *columns) {
    const int kinds = (column->ids() != nullptr) + (column->strings() != nullptr) + (column->numbers() != nullptr);
    if (kinds != 1) return false;
    taken += bytes_of(column->ids()) + bytes_of(column->strings()) + bytes_of(column->numbers()) +
             bytes_of(column->offsets());
  }
  return true;
}

}  // namespace

Status read_golden_requests(std::span<const std::byte> bytes, const GoldenRequests*& requests) noexcept {
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(data, bytes.size(), kGoldenDepth, most_tables(bytes.size()));
  if (!VerifyGoldenRequestsBuffer(verifier)) {
    return Status::error(Code::bad_file, "golden: columns is not a valid FlatBuffer of golden.fbs");
  }
  requests = GetGoldenRequests(data);
  std::uint64_t taken = 0;
  for (const GoldenRequest* request : *requests->requests()) {
    for (const ColumnVector* columns : {request->features(), request->history(), request->candidates()}) {
      if (add(columns, taken)) continue;
      return Status::error(Code::bad_file, "golden row %u: a column has not values of exactly one kind",
                           request->line());
    }
    taken += bytes_of(request->scores()) + bytes_of(request->attention());
    if (request->scores()->size() > kMaxGoldenCandidates) {
      return Status::error(Code::bad_file, "golden row %u: over %zu candidates", request->line(), kMaxGoldenCandidates);
    }
  }
  if (taken > bytes.size()) return Status::error(Code::bad_file, "golden: rows share values");
  return Status();
}

}  // namespace dinghy::format
