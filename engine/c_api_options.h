// What the C API makes of a caller's options: a C++ object in a handle.
#pragma once

#include <cstddef>

#include "engine/c_api_handles.h"
#include "engine/c_api_struct.h"

namespace dinghy::c_api {

inline Status read_integers(std::size_t from, Integers& to) noexcept {
  if (from > DINGHY_INTEGERS_NEVER) {
    return Status::error(Code::invalid_argument, "integers: there is no choice %zu", from);
  }
  to = static_cast<Integers>(from);
  return Status();
}

inline Status to_options(const dinghy_user_options* from, UserOptions& to) noexcept {
  dinghy_user_options read{};
  if (Status status = read_struct(from, "the options", read); !status) return status;
  to.isa = isa_of(read.isa);
  if (read.max_history != 0) to.max_history = read.max_history;
  return Status();
}

inline Status to_options(const dinghy_scorer_options* from, ScorerOptions& to) noexcept {
  dinghy_scorer_options read{};
  if (Status status = read_struct(from, "the options", read); !status) return status;
  if (Status status = read_integers(read.integers, to.integers); !status) return status;
  to.isa = isa_of(read.isa);
  if (read.max_candidates != 0) to.max_candidates = read.max_candidates;
  if (read.max_history != 0) to.max_history = read.max_history;
  if (read.memo != nullptr) to.memo = &read.memo->memo;
  return Status();
}

inline Status to_options(const dinghy_pair_memo_options* from, PairMemoOptions& to) noexcept {
  dinghy_pair_memo_options read{};
  if (Status status = read_struct(from, "the options", read); !status) return status;
  if (read.bytes != 0) to.bytes = read.bytes;
  to.items = read.items;
  to.any_arithmetic = read.any_arithmetic;
  to.isa = isa_of(read.isa);
  return read_integers(read.integers, to.integers);
}

/// Gives the caller a handle of what `create(model, options)` makes. `what` names the handle in messages; `prepare`
/// allocates what else it needs.
template <class Options, class From, class Handle, class Create, class Prepare>
dinghy_code create_handle(const dinghy_model* model, const From* from, const char* what, Handle** handle,
                          dinghy_status* status, Create create, Prepare prepare) noexcept {
  if (handle == nullptr) return report_null(what, status);
  *handle = nullptr;
  if (model == nullptr) return report_null("model", status);
  Options options;
  if (const Status read = to_options(from, options); !read) return report(read, status);
  auto created = create(model->model, options);
  return hand_over(created, handle, status, prepare);
}

}  // namespace dinghy::c_api
