// What the calls of the C API share: handles and statuses.
#pragma once

#include <cstring>
#include <string_view>
#include <utility>

#include "dinghy/dinghy.h"
#include "dinghy/embedding_table.h"
#include "dinghy/pair_memo.h"
#include "dinghy/scorer.h"
#include "engine/c_api_columns.h"
#include "engine/memory/owned.h"

struct dinghy_model {
  dinghy::Model model;
};

struct dinghy_pair_memo {
  dinghy::PairMemo memo;
};

struct dinghy_embedding_table {
  dinghy::EmbeddingTable table;
};

struct dinghy_user_state {
  dinghy::UserState state;
  dinghy::c_api::ColumnBuffer features{}, history{};
};

struct dinghy_scorer {
  dinghy::Scorer scorer;
  dinghy::c_api::ColumnBuffer candidates{};
};

namespace dinghy::c_api {

inline dinghy_code report(const Status& status, dinghy_status* out) noexcept {
  if (out != nullptr) {
    out->code = static_cast<dinghy_code>(status.code());
    std::memcpy(out->message, status.message(), std::strlen(status.message()) + 1);
  }
  return static_cast<dinghy_code>(status.code());
}

inline dinghy_code report_null(const char* what, dinghy_status* out) noexcept {
  return report(Status::error(Code::invalid_argument, "%s is NULL", what), out);
}

inline std::string_view isa_of(const char* isa) noexcept { return isa == nullptr ? std::string_view() : isa; }

/// Gives the caller a handle of what a C++ call made. `prepare` allocates what else the handle needs.
template <class Handle, class T, class Prepare>
dinghy_code hand_over(Result<T>& result, Handle** out, dinghy_status* status, Prepare prepare) noexcept {
  if (!result.ok()) return report(result.status(), status);
  auto* const handle = make<Handle>(std::move(*result));
  if (handle == nullptr || !prepare(*handle)) {
    destroy(handle);
    return report(Status::error(Code::out_of_memory, "no memory for a handle"), status);
  }
  *out = handle;
  return report(Status(), status);
}

}  // namespace dinghy::c_api
