#include "engine/scoring/candidate_order.h"

#include <algorithm>
#include <numeric>

namespace dinghy::scoring {
namespace {

/// Stable: candidates of `from` by their number in `key`, of which there are `keys`. `counts` has keys + 1 entries.
void counting_sort(const std::uint32_t* from, std::size_t count, const std::uint32_t* key, std::size_t keys,
                   std::uint32_t* counts, std::uint32_t* to) noexcept {
  std::fill_n(counts, keys + 1, 0u);
  for (std::size_t i = 0; i < count; ++i) ++counts[key[i] + 1];
  for (std::size_t k = 0; k < keys; ++k) counts[k + 1] += counts[k];
  for (std::size_t i = 0; i < count; ++i) to[counts[key[from[i]]]++] = from[i];
}

}  // namespace

CandidateOrder order_candidates(const network::Interest& interest, const CandidateRows& candidates, const KeyPlan& plan,
                                const OrderScratch& scratch, const DistinctScratch& distinct) noexcept {
  if (!plan.looks) return {};
  const std::size_t count = candidates.count;
  const MarkedRows rows = marked_rows(candidates);
  std::iota(scratch.order, scratch.order + count, 0u);
  CandidateOrder result{.candidate = scratch.order};
  if (interest.ids_only) {
    const std::size_t groups = group_rows(rows, interest, interest.all, distinct, scratch.query, scratch.counts);
    if (groups < count) {
      counting_sort(result.candidate, count, scratch.query, groups, scratch.counts, scratch.by_query);
      result.candidate = scratch.by_query;
      result.query = scratch.query;
    }
  }
  if (plan.coarse_rows > 0 && !interest.query_by_field) {
    result.coarse = result.query;  // q's coarse part is equal only where all of q is
  } else if (plan.coarse_rows > 0) {
    const std::size_t groups = group_rows(rows, interest, interest.coarse, distinct, scratch.coarse, scratch.counts);
    counting_sort(result.candidate, count, scratch.coarse, groups, scratch.counts, scratch.by_coarse);
    result.candidate = scratch.by_coarse;
    result.coarse = scratch.coarse;
  }
  return result;
}

}  // namespace dinghy::scoring
