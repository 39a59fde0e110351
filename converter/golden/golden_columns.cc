#include "converter/golden/golden_columns.h"

#include <algorithm>

#include "converter/golden/comparison.h"
#include "converter/golden/request_packer.h"
#include "schema/golden_bounds.h"

namespace dinghy::converter {
namespace {

std::vector<Column> columns_of(const std::vector<RequestColumn>& columns) {
  std::vector<Column> views;
  for (const RequestColumn& column : columns) views.push_back(column.column());
  return views;
}

/// The weights of the behaviours that the model keeps, as Scorer::score() orders them.
std::vector<float> kept_attention(const RequestShape& shape, const Request& request) {
  std::vector<float> kept;
  for (std::size_t i = 0; i < request.attention.size(); ++i) {
    const std::uint32_t number = shape.interest_sequences[i];
    const RequestShape::Sequence& sequence = shape.sequences[number];
    const std::size_t length = request.history_lengths[number];
    const std::size_t count = sequence.max_length == 0 ? length : std::min<std::size_t>(length, sequence.max_length);
    const std::size_t first = sequence.keeps_last ? length - count : 0;
    for (std::size_t n = 0; n < request.candidate_count; ++n) {
      const double* const weights = request.attention[i].data() + n * length + first;
      kept.insert(kept.end(), weights, weights + count);
    }
  }
  return kept;
}

bool fits(const Request& request) {
  return request.candidate_count <= format::kMaxGoldenCandidates &&
         std::ranges::all_of(request.history_lengths, [](std::size_t n) { return n <= format::kMaxGoldenHistory; });
}

}  // namespace

GoldenColumns golden_columns(const RequestShape& shape, const std::string& lines, const std::string& name) {
  GoldenColumns columns;
  RequestPacker packer;
  RequestReader rows(shape, lines, name);
  Request request;
  while (rows.next(request)) {
    require_scores(request);
    if (!fits(request)) {
      ++columns.left_out;
      continue;
    }
    const std::vector<Column> features = columns_of(request.features), history = columns_of(request.history),
                              candidates = columns_of(request.candidates);
    const std::vector<float> attention = kept_attention(shape, request);
    packer.add({.line = static_cast<std::uint32_t>(rows.lines()),
                .features = features,
                .history = history,
                .candidates = candidates,
                .scores = request.scores,
                .attention = attention});
  }
  columns.bytes = packer.finish();
  return columns;
}

}  // namespace dinghy::converter
