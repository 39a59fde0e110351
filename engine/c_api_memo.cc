// The C API: memos.
#include <cstddef>

#include "engine/c_api_options.h"

using dinghy::c_api::create_handle;
using dinghy::c_api::report;
using dinghy::c_api::report_null;

dinghy_code dinghy_pair_memo_create(const dinghy_model* model, const dinghy_pair_memo_options* options,
                                    dinghy_pair_memo** memo, dinghy_status* status) {
  return create_handle<dinghy::PairMemoOptions>(model, options, "memo", memo, status, dinghy::PairMemo::create,
                                                [](dinghy_pair_memo&) noexcept { return true; });
}

void dinghy_pair_memo_free(dinghy_pair_memo* memo) { dinghy::destroy(memo); }

dinghy_code dinghy_pair_memo_count(const dinghy_pair_memo* memo, dinghy_pair_memo_counters* counters,
                                   dinghy_status* status) {
  if (memo == nullptr) return report_null("memo", status);
  if (counters == nullptr) return report_null("counters", status);
  const dinghy::PairMemo::Counters from = memo->memo.counters();
  dinghy_pair_memo_counters to{};
  to.found = from.found;
  to.computed = from.computed;
  to.kept = from.kept;
  to.replaced = from.replaced;
  to.items = from.items;
  to.room = from.room;
  return report(dinghy::c_api::write_struct(to, "the counters", counters), status);
}

size_t dinghy_pair_memo_bytes(const dinghy_pair_memo* memo) { return memo->memo.bytes(); }
