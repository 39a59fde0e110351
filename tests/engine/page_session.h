// Pages of candidates that a user state and a scorer of one ISA score, taken apart by candidate.
#pragma once

#include <string>
#include <vector>

#include "dinghy/scorer.h"

namespace dinghy::tests {

/// What a call gave.
struct Page {
  Status status;
  std::vector<float> scores;
  std::vector<std::vector<float>> attention;  // [candidate], all interests behind each other
};

/// Whether candidate `n` of a page has exactly the numbers of candidate `of` of another.
inline bool same_bits(const Page& page, std::size_t n, const Page& other, std::size_t of) {
  return page.scores[n] == other.scores[of] && page.attention[n] == other.attention[of];
}

/// Integers are used where the model names them.
struct PageSession {
  const Model& model;
  Result<UserState> user;
  Result<Scorer> scorer;

  PageSession(const Model& m, const std::string& isa, std::size_t candidates, std::size_t history,
              const PairMemo* memo = nullptr)
      : model(m),
        user(UserState::create(m, {.max_history = history, .isa = isa})),
        scorer(Scorer::create(m, {.max_candidates = candidates,
                                  .max_history = history,
                                  .isa = isa,
                                  .integers = Integers::always,
                                  .memo = memo})) {}

  Page score(Columns candidates, std::size_t rows) {
    return call(rows, [&](auto& scores, auto& weights) { return scorer->score(*user, candidates, scores, weights); });
  }
  Page rescore(std::size_t rows) {
    return call(rows, [&](auto& scores, auto& weights) { return scorer->rescore(*user, scores, weights); });
  }

 private:
  Page call(std::size_t rows, auto scored) {
    std::size_t all = 0;
    for (std::size_t i = 0; i < model.interests(); ++i) all += rows * user->history_length(i);
    std::vector<float> scores(rows), weights(all);
    Page page{scored(scores, weights), scores, std::vector<std::vector<float>>(rows)};
    const float* at = weights.data();
    for (std::size_t i = 0; i < model.interests(); ++i) {
      for (std::size_t n = 0; n < rows; ++n, at += user->history_length(i)) {
        page.attention[n].insert(page.attention[n].end(), at, at + user->history_length(i));
      }
    }
    return page;
  }
};

}  // namespace dinghy::tests
