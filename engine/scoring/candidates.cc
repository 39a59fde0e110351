#include "engine/scoring/candidates.h"

#include <algorithm>

#include "engine/network/gather.h"

namespace dinghy::scoring {
namespace {

using network::Feature;
using network::Side;

Status gather_feature(const network::Model& model, const kernels::RowKernels& kernels, std::uint32_t f,
                      const Column& column, const CandidateRows& to) noexcept {
  const Feature& feature = model.features[f];
  float* out = to.rows + feature.offset;
  if (feature.kind != format::FeatureKind::id) {
    for (std::size_t n = 0; n < to.count; ++n, out += to.stride) {
      if (Status status = network::gather(model, kernels, f, Side::candidates, column, n, out); !status) return status;
    }
    return Status();
  }
  if (Status status = network::find_rows(model, f, Side::candidates, column, 0, to.count, to.marks + f, to.features);
      !status) {
    return status;
  }
  for (std::size_t n = 0; n < to.count; ++n, out += to.stride) {
    network::copy_value(model, kernels, *feature.table, column, n, to.marks[n * to.features + f], out);
  }
  return Status();
}

Status sum_biases(const network::Model& model, const Column* const* columns, const CandidateRows& to) noexcept {
  std::fill_n(to.biases, to.count, 0.f);
  for (const network::Bias& bias : model.head.biases) {
    if (columns[bias.feature] == nullptr) continue;
    for (std::size_t n = 0; n < to.count; ++n) {
      if (Status status = network::add_bias(model, bias, *columns[bias.feature], n, to.biases[n]); !status)
        return status;
    }
  }
  return Status();
}

}  // namespace

Status gather_candidates(const network::Model& model, const kernels::RowKernels& kernels, const Column* const* columns,
                         const CandidateRows& to) noexcept {
  for (std::uint32_t f = 0; f < model.features.size(); ++f) {
    if (columns[f] == nullptr) continue;
    if (Status status = gather_feature(model, kernels, f, *columns[f], to); !status) return status;
  }
  return sum_biases(model, columns, to);
}

}  // namespace dinghy::scoring
