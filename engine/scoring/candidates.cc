#include "engine/scoring/candidates.h"

#include <algorithm>

#include "engine/network/gather.h"
#include "engine/scoring/distinct.h"

namespace dinghy::scoring {
namespace {

using network::Feature;
using network::Side;

Status gather_feature(Scorer::Data& data, std::uint32_t f, std::size_t count) noexcept {
  const network::Model& model = data.network();
  const Feature& feature = model.features[f];
  float* out = data.candidates + feature.offset;
  if (feature.kind != format::FeatureKind::id) {
    for (std::size_t n = 0; n < count; ++n, out += data.candidate_stride) {
      if (Status status = network::gather(model, data.kernels.simd, f, Side::candidates, *data.matched[f], n, out);
          !status)
        return status;
    }
    return Status();
  }
  const std::size_t stride = model.features.size();
  if (Status status =
          network::find_rows(model, f, Side::candidates, *data.matched[f], 0, count, data.tokens + f, stride);
      !status) {
    return status;
  }
  for (std::size_t n = 0; n < count; ++n, out += data.candidate_stride) {
    network::copy_vector(*feature.table, data.kernels.simd, data.tokens[n * stride + f], out);
  }
  return Status();
}

Status sum_biases(Scorer::Data& data, std::size_t count) noexcept {
  const network::Model& model = data.network();
  std::fill_n(data.biases, count, 0.f);
  for (const network::Bias& bias : model.head.biases) {
    if (data.matched[bias.feature] == nullptr) continue;
    for (std::size_t n = 0; n < count; ++n) {
      if (Status status = network::add_bias(model, bias, *data.matched[bias.feature], n, data.biases[n]); !status)
        return status;
    }
  }
  return Status();
}

/// Stable: candidates of `from` by their number in `key`, of which there are `keys`. `counts` has keys + 1 entries.
void counting_sort(const std::uint32_t* from, std::size_t count, const std::uint32_t* key, std::size_t keys,
                   std::uint32_t* counts, std::uint32_t* to) noexcept {
  std::fill_n(counts, keys + 1, 0u);
  for (std::size_t i = 0; i < count; ++i) ++counts[key[i] + 1];
  for (std::size_t k = 0; k < keys; ++k) counts[k + 1] += counts[k];
  for (std::size_t i = 0; i < count; ++i) to[counts[key[from[i]]]++] = from[i];
}

/// Numbers the candidates by some fields of their queries.
std::size_t group_candidates(Scorer::Data& data, const network::Interest& interest, const network::FieldGroup& by,
                             std::uint32_t* group) noexcept {
  const std::size_t count = by.fields.size();
  for (std::size_t i = 0; i < count; ++i) data.field_columns[i] = interest.fields[by.fields[i]].query_feature;
  const TokenRows rows{data.tokens, data.network().features.size(), data.field_columns, count};
  return group_rows(rows, data.count, data.slots, group, data.candidate_first);
}

}  // namespace

Status gather_candidates(Scorer::Data& data, std::size_t count) noexcept {
  for (std::uint32_t f = 0; f < data.network().features.size(); ++f) {
    if (data.matched[f] == nullptr) continue;
    if (Status status = gather_feature(data, f, count); !status) return status;
  }
  return sum_biases(data, count);
}

CandidateOrder order_candidates(Scorer::Data& data, const network::Interest& interest, const KeyPlan& plan) noexcept {
  if (!plan.looks) return {};
  const std::size_t count = data.count;
  std::uint32_t* order = data.order;
  for (std::uint32_t n = 0; n < count; ++n) order[n] = n;
  CandidateOrder result{nullptr, nullptr, nullptr};
  if (interest.ids_only) {
    const std::size_t groups = group_candidates(data, interest, interest.all, data.candidate_group);
    if (groups < count) {
      counting_sort(order, count, data.candidate_group, groups, data.candidate_first, data.order_spare);
      std::swap(order, data.order_spare);
      result.query = data.candidate_group;
    }
  }
  if (plan.coarse_rows > 0 && !interest.query_by_field) {
    result.coarse = result.query;  // q's coarse part is equal only where all of q is
  } else if (plan.coarse_rows > 0) {
    const std::size_t groups = group_candidates(data, interest, interest.coarse, data.candidate_coarse);
    counting_sort(order, count, data.candidate_coarse, groups, data.candidate_first, data.order_spare);
    std::swap(order, data.order_spare);
    result.coarse = data.candidate_coarse;
  }
  data.order = order;
  result.candidate = order;
  return result;
}

}  // namespace dinghy::scoring
