// The C API: memos.
#include <cstddef>

#include "engine/c_api_options.h"

using dinghy::c_api::create_handle;
using dinghy::c_api::report;
using dinghy::c_api::report_null;

namespace {

/// A handle of the memo that `make(model, options)` gives.
template <class Make>
dinghy_code make_memo(const dinghy_model* model, const dinghy_pair_memo_options* options, dinghy_pair_memo** memo,
                      dinghy_status* status, Make make) noexcept {
  return create_handle<dinghy::PairMemoOptions>(model, options, "memo", memo, status, make,
                                                [](dinghy_pair_memo&) noexcept { return true; });
}

using Load = dinghy::Result<dinghy::PairMemo> (*)(const dinghy::Model&, const char*, const dinghy::PairMemoOptions&);

dinghy_code load_memo(Load load, const dinghy_model* model, const char* path, const dinghy_pair_memo_options* options,
                      dinghy_pair_memo** memo, dinghy_status* status) noexcept {
  if (path == nullptr) {
    if (memo != nullptr) *memo = nullptr;
    return report_null("path", status);
  }
  return make_memo(
      model, options, memo, status,
      [&](const dinghy::Model& of, const dinghy::PairMemoOptions& to) noexcept { return load(of, path, to); });
}

}  // namespace

dinghy_code dinghy_pair_memo_create(const dinghy_model* model, const dinghy_pair_memo_options* options,
                                    dinghy_pair_memo** memo, dinghy_status* status) {
  return make_memo(model, options, memo, status, dinghy::PairMemo::create);
}

dinghy_code dinghy_pair_memo_open(const dinghy_model* model, const char* path, const dinghy_pair_memo_options* options,
                                  dinghy_pair_memo** memo, dinghy_status* status) {
  return load_memo(dinghy::PairMemo::open, model, path, options, memo, status);
}

dinghy_code dinghy_pair_memo_open_fd(const dinghy_model* model, int descriptor, uint64_t offset, uint64_t size,
                                     const dinghy_pair_memo_options* options, dinghy_pair_memo** memo,
                                     dinghy_status* status) {
  return make_memo(model, options, memo, status,
                   [=](const dinghy::Model& of, const dinghy::PairMemoOptions& to) noexcept {
                     return dinghy::PairMemo::open(of, descriptor, offset, size, to);
                   });
}

dinghy_code dinghy_pair_memo_from_owned_memory(const dinghy_model* model, const void* bytes, size_t size,
                                               void (*release)(void* context), void* context,
                                               const dinghy_pair_memo_options* options, dinghy_pair_memo** memo,
                                               dinghy_status* status) {
  bool owned = false;
  const dinghy_code code =
      make_memo(model, options, memo, status, [&](const dinghy::Model& of, const dinghy::PairMemoOptions& to) noexcept {
        owned = true;  // from here on it is told of the end
        return dinghy::PairMemo::from_memory(of, {static_cast<const std::byte*>(bytes), size}, {release, context}, to);
      });
  if (!owned && release != nullptr) release(context);
  return code;
}

dinghy_code dinghy_pair_memo_read(const dinghy_model* model, const char* path, const dinghy_pair_memo_options* options,
                                  dinghy_pair_memo** memo, dinghy_status* status) {
  return load_memo(dinghy::PairMemo::read, model, path, options, memo, status);
}

dinghy_code dinghy_pair_memo_verify(const dinghy_pair_memo* memo, dinghy_status* status) {
  if (memo == nullptr) return report_null("memo", status);
  return report(memo->memo.verify(), status);
}

dinghy_code dinghy_pair_memo_save(const dinghy_pair_memo* memo,
                                  bool (*write)(void* context, const void* bytes, size_t size), void* context,
                                  dinghy_status* status) {
  if (memo == nullptr) return report_null("memo", status);
  return report(memo->memo.save({write, context}), status);
}

const char* dinghy_pair_memo_arithmetic(const dinghy_pair_memo* memo) {
  return memo == nullptr ? nullptr : memo->memo.arithmetic().data();
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
