#include "tests/engine/prepared_session.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <limits>

namespace dinghy::tests {
namespace {

template <class T>
T checked(Result<T> result) {
  INFO(result.status().message());
  REQUIRE(result.ok());
  return std::move(*result);
}

void count(const Status& status, PreparedSession::Outcome& outcome) noexcept {
  ++(status.ok() ? outcome.succeeded : outcome.refused);
}

}  // namespace

PairMemo small_memo(const Model& model, const std::string& isa) {
  return checked(PairMemo::create(model, {.bytes = 200'000, .items = 1000, .isa = isa}));
}

PreparedSession::PreparedSession(const Model& model, const std::string& isa, const PairMemo* memo)
    : user_(checked(UserState::create(model, {.max_history = kMaxHistory, .isa = isa}))),
      scorer_(checked(Scorer::create(model, {.max_candidates = kMaxCandidates,
                                             .max_history = kMaxHistory,
                                             .isa = isa,
                                             .integers = Integers::when_faster,
                                             .memo = memo}))) {
  std::uint64_t seed = 1;
  for (const std::size_t history : {std::size_t{0}, std::size_t{1}, std::size_t{17}, kMaxHistory, 2 * kMaxHistory}) {
    for (const std::size_t candidates : {std::size_t{0}, std::size_t{1}, std::size_t{49}, kMaxCandidates}) {
      Prepared p;
      p.request = random_request(model, candidates, history, seed++);
      p.click = random_request(model, 0, 1, seed++);
      p.unknown =
          random_request(model, std::max<std::size_t>(1, candidates), std::max<std::size_t>(1, history), seed++);
      p.unknown.candidates.ids.at("item").back() = std::numeric_limits<std::int64_t>::max();
      p.unknown.history.ids.at("item").back() = -1;
      p.scores.resize(candidates);
      p.attention.resize(model.interests() * candidates * std::min(history, kMaxHistory));
      prepared_.push_back(std::move(p));
    }
  }
  for (Prepared& p : prepared_) {  // when no request moves any more
    p.user = p.request.user.columns(model);
    p.history = p.request.history.columns(model);
    p.candidates = p.request.candidates.columns(model);
    p.behavior = p.click.history.columns(model);
    p.unknown_candidates = p.unknown.candidates.columns(model);
    p.unknown_history = p.unknown.history.columns(model);
  }
}

PreparedSession::Outcome PreparedSession::run() noexcept {
  Outcome outcome;
  for (Prepared& p : prepared_) {
    count(user_.set(p.user, p.history), outcome);
    count(scorer_.score(user_, p.candidates, p.scores, p.attention), outcome);
    count(user_.append(p.behavior), outcome);
    count(scorer_.rescore(user_, p.scores), outcome);
    count(scorer_.score(user_, p.candidates, p.scores), outcome);
  }
  return outcome;
}

PreparedSession::Outcome PreparedSession::run_wrong() noexcept {
  Outcome outcome;
  float room[kMaxCandidates + 1] = {};
  for (Prepared& p : prepared_) {
    count(user_.set(p.user, p.unknown_history), outcome);
    count(scorer_.score(user_, p.candidates, p.scores), outcome);  // a user that is not set
    count(scorer_.rescore(user_, p.scores), outcome);
    count(user_.append(p.behavior), outcome);
    count(user_.set(p.history, p.user), outcome);
    count(user_.set(p.user, {}), outcome);
    if (!user_.set(p.user, p.history)) continue;
    count(user_.append(p.unknown_history), outcome);
    count(scorer_.score(user_, p.unknown_candidates, {room, std::max<std::size_t>(1, p.scores.size())}), outcome);
    count(scorer_.score(user_, p.history, p.scores), outcome);
    count(scorer_.score(user_, p.candidates, {room, p.scores.size() + 1}), outcome);
    count(scorer_.score(user_, p.candidates, p.scores, {room, 1 + p.attention.size() % 2 * 2}), outcome);
  }
  return outcome;
}

}  // namespace dinghy::tests
