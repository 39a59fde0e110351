#include "converter/requests/request_scorer.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "converter/error.h"

namespace dinghy::converter {
namespace {

void check(const Status& status, const std::string& where) {
  if (!status.ok()) throw Error(where, status.message());
}

}  // namespace

RequestScorer::RequestScorer(const Model& model, const std::string& path, RequestScoring scoring)
    : model_(model), shape_(request_shape(model)), scoring_(std::move(scoring)) {
  grow(1, 1, path);
}

void RequestScorer::grow(std::size_t candidates, std::size_t history, const std::string& where) {
  if (scorer_ && candidates <= max_candidates_ && history <= max_history_) return;
  max_candidates_ = std::max(max_candidates_, std::bit_ceil(candidates));
  max_history_ = std::max(max_history_, std::bit_ceil(history));
  // The model never keeps more behaviours than training did, whatever we ask for.
  const std::size_t trained = model_.trained_history();
  const std::size_t kept = trained ? std::min(trained, max_history_) : max_history_;
  auto user = UserState::create(model_, {.max_history = kept, .isa = scoring_.isa});
  check(user.status(), where);
  auto scorer = Scorer::create(model_, {.max_candidates = max_candidates_,
                                        .max_history = kept,
                                        .isa = scoring_.isa,
                                        .integers = scoring_.integers,
                                        .memo = scoring_.memo ? &*scoring_.memo : nullptr});
  check(scorer.status(), where);
  user_.emplace(std::move(*user));
  scorer_.emplace(std::move(*scorer));
}

const RequestScores& RequestScorer::score(const Request& request, bool with_attention) {
  const auto longest = std::max_element(request.history_lengths.begin(), request.history_lengths.end());
  const std::size_t history = longest == request.history_lengths.end() ? 0 : *longest;
  grow(std::max<std::size_t>(1, request.candidate_count), std::max<std::size_t>(1, history), request.where);

  columns_.clear();
  for (const RequestColumn& column : request.features) columns_.push_back(column.column());
  history_columns_.clear();
  for (const RequestColumn& column : request.history) history_columns_.push_back(column.column());
  check(user_->set(columns_, history_columns_), request.where);

  columns_.clear();
  for (const RequestColumn& column : request.candidates) columns_.push_back(column.column());
  std::size_t weights = 0;
  for (std::size_t i = 0; with_attention && i < model_.interests(); ++i) {
    weights += request.candidate_count * user_->history_length(i);
  }
  kept_attention_.resize(weights);
  result_.scores.resize(request.candidate_count);
  check(scorer_->score(*user_, columns_, result_.scores, kept_attention_), request.where);
  if (!std::all_of(result_.scores.begin(), result_.scores.end(), [](float score) { return std::isfinite(score); })) {
    throw Error(request.where, "a score is not finite: the model's numbers overflow");
  }
  result_.attention.clear();
  if (with_attention) align_attention(request);
  return result_;
}

void RequestScorer::align_attention(const Request& request) {
  const float* kept = kept_attention_.data();
  for (std::size_t i = 0; i < model_.interests(); ++i) {
    const std::uint32_t sequence = shape_.interest_sequences[i];
    const std::size_t length = request.history_lengths[sequence];
    const std::size_t kept_length = user_->history_length(i);
    const std::size_t first = shape_.sequences[sequence].keeps_last ? length - kept_length : 0;
    std::vector<float>& weights = result_.attention.emplace_back(request.candidate_count * length, 0.0f);
    for (std::size_t n = 0; n < request.candidate_count; ++n, kept += kept_length) {
      std::copy_n(kept, kept_length, weights.data() + n * length + first);
    }
  }
}

}  // namespace dinghy::converter
