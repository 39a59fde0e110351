#include "dinghy/scorer.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "engine/kernels/float_environment.h"
#include "engine/memory/owned.h"
#include "engine/network/columns.h"
#include "engine/scoring/attention.h"
#include "engine/scoring/bounds.h"
#include "engine/scoring/candidates.h"
#include "engine/scoring/logits.h"
#include "engine/scoring/mlps.h"
#include "engine/scoring/queries.h"
#include "engine/scoring/scorer_data.h"
#include "engine/scoring/tower.h"

namespace dinghy {
namespace {

using network::Side;
using scoring::kMaxCandidates;
using scoring::kMaxHistory;

Status check_handles(const Scorer::Data* scorer, const UserState::Data* user) noexcept {
  if (scorer == nullptr) return Status::error(Code::invalid_argument, "the scorer was moved from");
  if (user == nullptr) return Status::error(Code::invalid_argument, "the user state was moved from");
  return Status();
}

Status check_user(const Scorer::Data& data, const UserState::Data& user) noexcept {
  if (&user.network() != &data.network()) {
    return Status::error(Code::invalid_argument, "the user state belongs to another model");
  }
  if (!user.ready) return Status::error(Code::invalid_argument, "the user state is empty: call set() first");
  for (const network::History& history : user.histories) {
    if (history.length > data.max_history) {
      return Status::error(Code::invalid_argument, "the user has %zu behaviours, the scorer's max_history is %zu",
                           history.length, data.max_history);
    }
  }
  for (const network::Interest& interest : data.network().interests) {
    if (scoring::undefined(interest, user.histories[interest.sequence])) {
      return Status::error(Code::empty_history, "this model defines no score for a user without behaviours");
    }
  }
  return Status();
}

/// Two outputs at once would leave one with the other's numbers.
bool overlap(std::span<float> a, std::span<float> b) noexcept {
  const auto begin = [](std::span<float> s) { return reinterpret_cast<std::uintptr_t>(s.data()); };
  return !a.empty() && !b.empty() && begin(a) < begin(b) + b.size_bytes() && begin(b) < begin(a) + a.size_bytes();
}

bool is_aligned(std::span<float> s) noexcept {
  return s.empty() || reinterpret_cast<std::uintptr_t>(s.data()) % alignof(float) == 0;
}

Status check_outputs(const Scorer::Data& data, const UserState::Data& user, std::size_t rows, std::span<float> scores,
                     std::span<float> attention) noexcept {
  if (rows != scores.size()) {
    return Status::error(Code::invalid_argument, "%zu candidates, room for %zu scores", rows, scores.size());
  }
  if (rows > data.max_candidates) {
    return Status::error(Code::limit_exceeded, "%zu candidates, max_candidates is %zu", rows, data.max_candidates);
  }
  std::size_t weights = 0;
  for (const network::Interest& interest : data.network().interests) {
    weights += rows * user.histories[interest.sequence].length;
  }
  if (!attention.empty() && attention.size() != weights) {
    return Status::error(Code::invalid_argument, "room for %zu attention weights, there are %zu", attention.size(),
                         weights);
  }
  if (!is_aligned(scores) || !is_aligned(attention)) {
    return Status::error(Code::invalid_argument, "the room for scores or attention is misaligned");
  }
  if (overlap(scores, attention)) {
    return Status::error(Code::invalid_argument, "the room for scores and that for attention overlap");
  }
  return Status();
}

/// The paper's order, candidate by candidate.
void score_by_reference(Scorer::Data& data, const UserState::Data& user, const scoring::Block& block,
                        std::span<float> attention) noexcept {
  const network::Model& model = data.network();
  for (std::size_t n = 0; n < block.count; ++n) {
    for (std::size_t i = 0; i < model.interests.size(); ++i) {
      float* const out = scoring::attention_of(data, user, i, attention);
      const std::size_t length = user.histories[model.interests[i].sequence].length;
      data.reference_attention[i].weights = out == nullptr ? nullptr : out + (block.first + n) * length;
    }
    const float* const candidate = data.candidates + (block.first + n) * data.candidate_stride;
    data.logits[n] = static_cast<float>(kernels::reference::score_candidate(
        model, user.user(), candidate, data.reference_scratch, data.reference_attention));
  }
}

/// Scores of the gathered candidates, whose logits are up to date.
void finish(Scorer::Data& data, const UserState::Data& user, std::span<float> scores,
            std::span<float> attention) noexcept {
  for (std::size_t first = 0; first < data.count; first += kCandidateBlock) {
    const scoring::Block block{first, std::min(kCandidateBlock, data.count - first)};
    if (data.kernels.simd == nullptr) {
      score_by_reference(data, user, block, attention);
    } else {
      scoring::pool_interests(data, user, block, attention);
      scoring::run_mlps(data, user, block);
      scoring::run_tower(data, user, block);
    }
    scoring::apply_head(data, user, block, scores.data() + first);
  }
}

/// A scorer whose memory is planned.
Status prepare(const Model& model, const ScorerOptions& options, Owned<Scorer::Data>& data) noexcept {
  if (options.max_candidates > kMaxCandidates || options.max_history > kMaxHistory) {
    return Status::error(Code::invalid_argument, "max_candidates is over %zu or max_history over %zu", kMaxCandidates,
                         kMaxHistory);
  }
  kernels::Selection selection;
  if (Status status = kernels::select(options.isa, selection); !status) return status;
  data.reset(make<Scorer::Data>(model));
  if (data == nullptr) return Status::error(Code::out_of_memory, "no memory for a scorer");
  data->kernels = selection;
  data->max_candidates = options.max_candidates;
  data->max_history = options.max_history;
  data->integer_use = options.integers;
  return scoring::plan(*data);
}

}  // namespace

Result<Scorer> Scorer::create(const Model& model, const ScorerOptions& options) noexcept {
  const kernels::FloatEnvironment floats;
  Owned<Data> data;
  if (Status status = prepare(model, options, data); !status) return status;
  if (Status status = scoring::allocate(*data); !status) return status;
  return Scorer(data.release());
}

Result<std::size_t> Scorer::size(const Model& model, const ScorerOptions& options) noexcept {
  Owned<Data> data;
  if (Status status = prepare(model, options, data); !status) return status;
  return data->bytes();
}

Scorer::Scorer(Scorer&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

Scorer& Scorer::operator=(Scorer&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

Scorer::~Scorer() { destroy(data_); }

Status Scorer::score(const UserState& user, Columns candidates, std::span<float> scores,
                     std::span<float> attention) noexcept DINGHY_NONBLOCKING {
  if (Status status = check_handles(data_, user.internal()); !status) return status;
  const UserState::Data& user_data = *user.internal();
  const kernels::FloatEnvironment floats;
  data_->has_candidates = false;
  if (Status status = check_user(*data_, user_data); !status) return status;
  std::size_t rows = 0;
  if (Status status = network::match_columns(data_->network(), Side::candidates, candidates, data_->matched); !status)
    return status;
  if (Status status = network::count_rows(data_->network(), Side::candidates, -1, data_->matched, rows); !status)
    return status;
  if (Status status = check_outputs(*data_, user_data, rows, scores, attention); !status) return status;
  data_->count = rows;
  if (Status status = scoring::gather_candidates(*data_, rows); !status) return status;
  data_->has_candidates = true;
  for (std::size_t i = 0; data_->kernels.simd != nullptr && i < data_->interests.size(); ++i) {
    scoring::make_queries(*data_, data_->network().interests[i], data_->interests[i]);
    scoring::compute_logits(*data_, user_data, i);
  }
  finish(*data_, user_data, scores, attention);
  return Status();
}

Status Scorer::rescore(const UserState& user, std::span<float> scores,
                       std::span<float> attention) noexcept DINGHY_NONBLOCKING {
  if (Status status = check_handles(data_, user.internal()); !status) return status;
  const UserState::Data& user_data = *user.internal();
  const kernels::FloatEnvironment floats;
  if (!data_->has_candidates)
    return Status::error(Code::invalid_argument, "rescore() needs candidates: call score() first");
  if (Status status = check_user(*data_, user_data); !status) return status;
  if (Status status = check_outputs(*data_, user_data, data_->count, scores, attention); !status) return status;
  for (std::size_t i = 0; data_->kernels.simd != nullptr && i < data_->interests.size(); ++i) {
    scoring::update_logits(*data_, user_data, i);
  }
  finish(*data_, user_data, scores, attention);
  return Status();
}

std::string_view Scorer::isa() const noexcept { return data_ == nullptr ? "" : data_->kernels.name; }

bool Scorer::uses_integers() const noexcept { return data_ != nullptr && data_->integers.fold != nullptr; }

}  // namespace dinghy
