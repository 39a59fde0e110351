// The FlatBuffer of a .dinghy file, from a network and the places of its segments.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "converter/model_file/dense_segment.h"
#include "converter/model_file/golden_rows.h"
#include "converter/model_file/provenance.h"
#include "converter/model_file/vocabulary_segment.h"
#include "converter/network.h"
#include "schema/xxh64.h"

namespace dinghy::converter {

struct PlacedSegment {
  format::SegmentKind kind = format::SegmentKind::dense;
  std::uint64_t offset = 0;  // in the file
  std::uint64_t size = 0;
  format::Xxh64 hash = {};  // of the bytes that are written
};

/// Which segment holds what. Segment 0 is the dense one.
struct SegmentPlan {
  std::vector<PlacedSegment> segments;
  std::vector<std::uint32_t> vocabulary_segments;  // for each vocabulary of the network
  std::vector<std::uint32_t> table_segments;       // for each table; tables that share rows share the segment
  std::uint32_t golden_segment = 0;                // when there are golden rows
  std::optional<std::uint32_t> golden_columns_segment = {};
};

/// Appends the weights to `dense` and returns the finished buffer. Its size does not depend on the offsets and hashes
/// in `plan`.
std::vector<std::uint8_t> build_metadata(const Network& network, const Provenance& provenance, const GoldenRows& golden,
                                         const SegmentPlan& plan, const std::vector<VocabularySegment>& vocabularies,
                                         DenseSegment& dense);

/// Bytes from one row of a table to the next.
std::uint32_t row_stride(const Table& table);

}  // namespace dinghy::converter
