#include "bindings/python/src/call.h"

#include <algorithm>
#include <bit>

namespace dinghy::python {
namespace {

// One larger request more often than not is followed by others.
std::size_t room_for(std::size_t count) noexcept { return std::bit_ceil(std::max<std::size_t>(count, 64)); }

}  // namespace

std::size_t kept_behaviours(const Model& model, std::size_t length) noexcept {
  return model.trained_history() > 0 ? std::min(length, model.trained_history()) : length;
}

Result<Scorer> make_scorer(const Model& model, const Settings& settings, std::size_t candidates,
                           std::size_t behaviours) noexcept {
  return Scorer::create(model, {.max_candidates = room_for(candidates),
                                .max_history = behaviours,
                                .isa = settings.isa_name(),
                                .integers = settings.integers,
                                .memo = settings.memo ? &*settings.memo : nullptr});
}

Status Session::prepare(const Model& model, const Settings& settings, std::size_t candidates,
                        std::size_t behaviours) noexcept {
  behaviours = kept_behaviours(model, behaviours);
  if (user_ && candidates <= candidates_ && behaviours <= behaviours_) return Status();
  candidates = room_for(std::max(candidates, candidates_));
  behaviours = room_for(std::max(behaviours, behaviours_));
  shrink(0);
  Result<UserState> user = UserState::create(model, {.max_history = behaviours, .isa = settings.isa_name()});
  if (!user.ok()) return user.status();
  Result<Scorer> scorer = make_scorer(model, settings, candidates, behaviours);
  if (!scorer.ok()) return scorer.status();
  user_.emplace(std::move(*user));
  scorer_.emplace(std::move(*scorer));
  candidates_ = candidates;
  behaviours_ = behaviours;
  return Status();
}

void Session::shrink(std::size_t limit) noexcept {
  if (candidates_ <= limit && behaviours_ <= limit) return;
  user_.reset();
  scorer_.reset();
  candidates_ = behaviours_ = 0;
}

}  // namespace dinghy::python
