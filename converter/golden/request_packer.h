// Golden rows into the FlatBuffer of schema/golden.fbs.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <span>
#include <vector>

#include "dinghy/columns.h"
#include "golden_generated.h"

namespace dinghy::converter {

class RequestPacker {
 public:
  struct Row {
    std::uint32_t line = 0;  // from 1
    Columns features = {}, history = {}, candidates = {};
    std::span<const double> scores = {};
    std::span<const float> attention = {};  // as Scorer::score() gives them; empty: not compared
  };

  void add(const Row& row);

  /// The bytes of the segment; empty when no row was added. Call it once.
  std::vector<std::uint8_t> finish();

 private:
  using PackedColumns = flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<format::GoldenColumn>>>;

  PackedColumns pack(Columns columns);

  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<format::GoldenRequest>> requests_;
};

}  // namespace dinghy::converter
