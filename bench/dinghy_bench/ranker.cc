#include "bench/dinghy_bench/ranker.h"

#include <algorithm>

#include "converter/error.h"
#include "engine/scoring/scorer_data.h"

namespace dinghy::bench {
namespace {

void check(const Status& status, const std::string& where) {
  if (!status.ok()) throw converter::Error(where, status.message());
}

template <class T>
T value(Result<T> result, const char* where) {
  check(result.status(), where);
  return std::move(*result);
}

std::size_t kept(const Model& model, std::size_t history) {
  const std::size_t trained = model.trained_history();
  return std::max<std::size_t>(1, trained ? std::min(trained, history) : history);
}

}  // namespace

std::size_t longest_history(const PreparedRequest& request) {
  std::size_t longest = 0;
  for (const Column& column : request.history) {
    longest = std::max(longest, column.is_bag() ? column.offsets().size() - 1 : column.size());
  }
  return longest;
}

Ranker::Ranker(const Model& model, std::size_t candidates, std::size_t history, const std::string& isa)
    : model_(model),
      scores_(candidates),
      user_(value(UserState::create(model, {.max_history = kept(model, history), .isa = isa}), "user state")),
      scorer_(value(Scorer::create(model, {.max_candidates = std::max<std::size_t>(1, candidates),
                                           .max_history = kept(model, history),
                                           .isa = isa}),
                    "scorer")) {}

Ranker Ranker::for_requests(const Model& model, const std::vector<PreparedRequest>& requests, const std::string& isa) {
  std::size_t candidates = 0, history = 0;
  for (const PreparedRequest& request : requests) {
    candidates = std::max(candidates, request.request.candidate_count);
    history = std::max(history, longest_history(request));
  }
  return Ranker(model, candidates, history, isa);
}

void Ranker::prefetch(const PreparedRequest& request) {
  check(model_.prefetch(request.history), request.request.where);
  check(model_.prefetch(request.candidates), request.request.where);
}

void Ranker::set(const PreparedRequest& request) {
  check(user_.set(request.features, request.history), request.request.where);
}

void Ranker::score(const PreparedRequest& request) {
  check(scorer_.score(user_, request.candidates, std::span(scores_).first(request.request.candidate_count)),
        request.request.where);
}

const kernels::KernelTable*& Ranker::kernels() { return scorer_.internal()->kernels.simd; }

}  // namespace dinghy::bench
