// The C API: memos.
#include <cstddef>

#include "engine/c_api_handles.h"
#include "engine/c_api_struct.h"

using dinghy::Status;
using dinghy::c_api::hand_over;
using dinghy::c_api::isa_of;
using dinghy::c_api::read_integers;
using dinghy::c_api::read_struct;
using dinghy::c_api::report;
using dinghy::c_api::report_null;

namespace {

Status to_options(const dinghy_pair_memo_options* from, dinghy::PairMemoOptions& to) noexcept {
  dinghy_pair_memo_options read{};
  if (Status status = read_struct(from, "the options", read); !status) return status;
  if (read.bytes != 0) to.bytes = read.bytes;
  to.items = read.items;
  to.isa = isa_of(read.isa);
  return read_integers(read.integers, to.integers);
}

}  // namespace

dinghy_code dinghy_pair_memo_create(const dinghy_model* model, const dinghy_pair_memo_options* options,
                                    dinghy_pair_memo** memo, dinghy_status* status) {
  if (memo == nullptr) return report_null("memo", status);
  *memo = nullptr;
  if (model == nullptr) return report_null("model", status);
  dinghy::PairMemoOptions to;
  if (const Status read = to_options(options, to); !read) return report(read, status);
  auto created = dinghy::PairMemo::create(model->model, to);
  return hand_over(created, memo, status, [](dinghy_pair_memo&) noexcept { return true; });
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
