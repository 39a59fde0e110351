// What one call needs besides the model: its arguments, and room for the user and the candidates of a request.
#pragma once

#include <optional>
#include <string>

#include "bindings/python/src/arguments.h"
#include "bindings/python/src/memo_object.h"
#include "dinghy/scorer.h"

namespace dinghy::python {

/// How a model computes, as it was asked for when it was opened.
struct Settings {
  std::optional<std::string> isa;  // nothing: DINGHY_ISA from the environment, else the best available
  Integers integers = Integers::when_faster;
  std::optional<MemoSource> memo_source = {};
  std::optional<PairMemo> memo = {};  // made from it with the model

  std::string_view isa_name() const noexcept { return isa ? std::string_view(*isa) : std::string_view(); }
};

/// Behaviours that a user state needs room for, so that no more are dropped than the model says.
std::size_t kept_behaviours(const Model& model, std::size_t length) noexcept;

/// A scorer with room for so many candidates and behaviours, or more.
Result<Scorer> make_scorer(const Model& model, const Settings& settings, std::size_t candidates,
                           std::size_t behaviours) noexcept;

/// A user state and a scorer that grow with the requests. Needs no GIL.
class Session {
 public:
  /// Makes room. Errors: as UserState::create and Scorer::create.
  Status prepare(const Model& model, const Settings& settings, std::size_t candidates, std::size_t behaviours) noexcept;
  /// Frees its memory when that has room for more than `limit` candidates or behaviours.
  void shrink(std::size_t limit) noexcept;

  UserState& user() noexcept { return *user_; }
  Scorer& scorer() noexcept { return *scorer_; }

 private:
  std::optional<UserState> user_;
  std::optional<Scorer> scorer_;
  std::size_t candidates_ = 0, behaviours_ = 0;
};

struct Call {
  explicit Call(const RequestShape& shape) : arguments(shape) {}

  void clear() { arguments.clear(); }

  Arguments arguments;
  Session session;
};

}  // namespace dinghy::python
