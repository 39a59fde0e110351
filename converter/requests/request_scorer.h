// Scores requests of any size with the engine: the memory grows with the largest request so far.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "converter/requests/requests.h"
#include "dinghy/pair_memo.h"
#include "dinghy/scorer.h"
#include "dinghy/user_state.h"

namespace dinghy::converter {

struct RequestScores {
  std::vector<float> scores;   // one for each candidate
  Attention<float> attention;  // empty unless asked for
};

/// How requests are computed.
struct RequestScoring {
  std::string isa = {};  // empty: the engine's choice
  /// A model that computes in integers does so for every request, whatever its size: what is measured is the arithmetic
  /// that the model names.
  Integers integers = Integers::always;
  std::optional<PairMemo> memo = {};
};

class RequestScorer {
 public:
  /// Throws Error, with `path` as the place, when there is no such ISA here, or the memo is of other scorers.
  RequestScorer(const Model& model, const std::string& path, RequestScoring scoring = {});

  /// Throws Error at request.where when the engine refuses the request. Behaviours that the model's history limit cuts
  /// off have the weight 0. The result is valid until the next call.
  const RequestScores& score(const Request& request, bool with_attention);

  std::string_view isa() const { return scorer_->isa(); }

  /// As the last score() left them.
  const UserState& user() const { return *user_; }
  const Scorer& scorer() const { return *scorer_; }

 private:
  void grow(std::size_t candidates, std::size_t history, const std::string& where);
  void align_attention(const Request& request);

  Model model_;
  RequestShape shape_;
  RequestScoring scoring_;
  std::size_t max_candidates_ = 0;
  std::size_t max_history_ = 0;
  std::optional<UserState> user_;
  std::optional<Scorer> scorer_;
  std::vector<Column> columns_;
  std::vector<Column> history_columns_;
  std::vector<float> kept_attention_;  // as the engine gives it: only the behaviours that were kept
  RequestScores result_;
};

}  // namespace dinghy::converter
