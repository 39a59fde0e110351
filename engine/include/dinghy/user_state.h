// The user's part of a request, done once for all candidates.
#pragma once

#include <cstddef>
#include <string_view>

#include "dinghy/columns.h"
#include "dinghy/model.h"
#include "dinghy/nonblocking.h"
#include "dinghy/status.h"

namespace dinghy {

struct UserOptions {
  std::size_t max_history = 100;  // behaviours kept per history; at most Model::trained_history() when that is set
  std::string_view isa = {};      // empty: DINGHY_ISA from the environment, else the best available
};

/// A user: features and behaviour history, gathered from the tables and projected. All memory is allocated by create();
/// set() and append() do not allocate, lock, log or throw. One thread may change a state at a time; while nobody
/// changes it, any number of scorers may read it. One that was moved from refuses every call (invalid_argument), also
/// those that it is passed to, until another is moved into it.
class UserState {
 public:
  /// Errors: unknown_isa, unavailable_isa, out_of_memory, invalid_argument (max_history too large for memory sizes).
  static Result<UserState> create(const Model& model, const UserOptions& options = {}) noexcept;

  /// The bytes that create() would allocate and the state keep, exactly (what an allocator adds to each block is
  /// its own). Itself allocates a little for as long as it takes. Errors: as create().
  static Result<std::size_t> size(const Model& model, const UserOptions& options = {}) noexcept;

  UserState(UserState&& other) noexcept;
  UserState& operator=(UserState&& other) noexcept;
  ~UserState();

  /// Replaces the user. `features`: one row for each user and context feature of the model. `history`: for each column
  /// of the behaviour history its values, oldest first; all columns of a history have the same length, which may be 0.
  /// A history longer than max_history keeps what the model says (the most recent, unless training kept the first).
  /// Errors: invalid_argument, missing_id; the state is then an empty one, which no scorer accepts, until the next
  /// set().
  Status set(Columns features, Columns history) noexcept DINGHY_NONBLOCKING;

  /// Adds behaviours behind the history (one click later); beyond max_history the oldest leave. Columns as in set().
  /// Needs a set() before. Errors: as set(); the state is unchanged then.
  Status append(Columns behaviors) noexcept DINGHY_NONBLOCKING;

  /// Behaviours now kept of interest `interest`'s history.
  std::size_t history_length(std::size_t interest = 0) const noexcept;

  struct Data;
  const Data* internal() const noexcept { return data_; }

 private:
  explicit UserState(Data* data) noexcept : data_(data) {}
  Data* data_;
};

}  // namespace dinghy
