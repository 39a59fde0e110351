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
#include "engine/scoring/memo_data.h"
#include "engine/scoring/queries.h"
#include "engine/scoring/scorer_data.h"
#include "engine/scoring/tower.h"

namespace dinghy {
namespace {

using network::Side;
using scoring::Block;
using scoring::CandidateRows;
using scoring::kCandidateBlock;
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

/// Where the weights of each interest go: one interest after another, candidate by candidate, behaviour by behaviour.
/// Null without attention.
struct AttentionCursor {
  float* at;

  /// The place of an interest whose history has `length` behaviours; moves on to the next one's.
  float* take(std::size_t candidates, std::size_t length) noexcept {
    float* const taken = at;
    if (at != nullptr) at += candidates * length;
    return taken;
  }
};

/// The paper's order, candidate by candidate.
void score_by_reference(const network::Model& model, const UserState::Data& user, const CandidateRows& candidates,
                        Block block, std::span<float> attention, const scoring::ReferenceScratch& scratch,
                        float* logits) noexcept {
  for (std::size_t n = 0; n < block.count; ++n) {
    AttentionCursor weights{attention.empty() ? nullptr : attention.data()};
    for (std::size_t i = 0; i < model.interests.size(); ++i) {
      const std::size_t length = user.histories[model.interests[i].sequence].length;
      float* const out = weights.take(candidates.count, length);
      scratch.attention[i].weights = out == nullptr ? nullptr : out + (block.first + n) * length;
    }
    logits[n] = static_cast<float>(reference::score_candidate(model, user.user(), candidates.at(block.first + n),
                                                              scratch.numbers, scratch.attention));
  }
}

/// From the logits of the interests to those of the tower.
void score_by_kernels(const Scorer::Data& data, const UserState::Data& user, Block block,
                      std::span<float> attention) noexcept {
  const network::Model& model = data.network();
  const kernels::KernelTable& kernels = *data.kernels.simd;
  AttentionCursor weights{attention.empty() ? nullptr : attention.data()};
  for (std::size_t i = 0; i < model.interests.size(); ++i) {
    const network::Interest& interest = model.interests[i];
    const network::History& history = user.histories[interest.sequence];
    scoring::pool_interest(kernels, interest, history, scoring::keys_of(user, interest, i), data.interests[i], block,
                           data.pool, data.results, weights.take(data.candidates.count, history.length));
  }
  const scoring::BlockRows rows{
      .user = user.row, .candidates = data.candidates, .results = data.results, .block = block};
  scoring::run_mlps(kernels, model.mlps.span(), rows, data.tower);
  scoring::run_tower(kernels, model.tower, user.tower_initial, rows, data.tower);
}

/// What the scorer's memo has of an interest; null where nothing of it is kept.
memo::Part* memo_of(const Scorer::Data& data, std::size_t interest) noexcept {
  if (!data.memo) return nullptr;
  memo::Part& part = data.memo->internal()->parts[interest];
  return part.memory == nullptr ? nullptr : &part;
}

scoring::Unit unit_of(const Scorer::Data& data, const UserState::Data& user, std::size_t index) noexcept {
  const network::Model& model = data.network();
  const network::Interest& interest = model.interests[index];
  const scoring::InterestStore& store = data.interests[index];
  return {.kernels = *data.kernels.simd,
          .integers = store.in_integers ? data.kernels.integers : nullptr,
          .digits = model.digits(),
          .interest = interest,
          .sequence = model.sequences[interest.sequence],
          .history = user.histories[interest.sequence],
          .keys = scoring::keys_of(user, interest, index),
          .candidates = data.candidates,
          .queries = scoring::queries(interest, data.candidates, store),
          .memo = memo_of(data, index)};
}

/// What became of the pairs' logits that a scorer has.
enum class Pairs : bool { none, kept };

/// Scores of the gathered candidates.
void score_candidates(Scorer::Data& data, const UserState::Data& user, Pairs pairs, std::span<float> scores,
                      std::span<float> attention) noexcept {
  const bool by_reference = data.kernels.simd == nullptr;
  for (std::size_t i = 0; !by_reference && i < data.interests.size(); ++i) {
    scoring::InterestStore& store = data.interests[i];
    if (pairs == Pairs::none) {
      scoring::make_queries(*data.kernels.simd, data.network().interests[i], data.candidates, data.queries, store);
      scoring::compute_logits(unit_of(data, user, i), store, data.unit);
    } else {
      scoring::update_logits(unit_of(data, user, i), store, data.unit);
    }
  }
  for (std::size_t first = 0; first < data.candidates.count; first += kCandidateBlock) {
    const Block block{first, std::min(kCandidateBlock, data.candidates.count - first)};
    if (by_reference) {
      score_by_reference(data.network(), user, data.candidates, block, attention, data.reference, data.tower.logits);
    } else {
      score_by_kernels(data, user, block, attention);
    }
    scoring::apply_head(data.kernels.rows(), data.network().head, data.tower.logits, data.candidates.biases + first,
                        user.head_bias, scores.subspan(first, block.count));
  }
}

/// Logits of another arithmetic differ in bits, those of another model are others.
Status check_memo(const Scorer::Data& data, const PairMemo::Data& memo) noexcept {
  if (&memo.network() != &data.network()) {
    return Status::error(Code::invalid_argument, "the memo belongs to another model");
  }
  if (memo.kernels.simd != data.kernels.simd || memo.kernels.integers != data.kernels.integers) {
    return Status::error(Code::invalid_argument, "the memo is of ISA %s, the scorer of %s", memo.kernels.name,
                         data.kernels.name);
  }
  for (std::size_t i = 0; i < data.interests.size(); ++i) {
    if (memo.parts[i].memory == nullptr || memo.parts[i].in_integers == data.interests[i].in_integers) continue;
    return Status::error(Code::invalid_argument, "the memo is of logits in %s, the scorer computes in %s",
                         memo.parts[i].in_integers ? "integers" : "floats",
                         data.interests[i].in_integers ? "integers" : "floats");
  }
  return Status();
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
  if (options.memo != nullptr && selection.simd != nullptr) data->memo.emplace(*options.memo);
  if (Status status = scoring::plan(*data, options.integers); !status) return status;
  return data->memo ? check_memo(*data, *data->memo->internal()) : Status();
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
  const network::Model& model = data_->network();
  CandidateRows& rows = data_->candidates;
  const kernels::FloatEnvironment floats;
  rows.complete = false;
  if (Status status = check_user(*data_, user_data); !status) return status;
  if (Status status = network::match_columns(model, Side::candidates, candidates, data_->matched); !status)
    return status;
  std::size_t count = 0;
  if (Status status = network::count_rows(model, Side::candidates, -1, data_->matched, count); !status) return status;
  if (Status status = check_outputs(*data_, user_data, count, scores, attention); !status) return status;
  rows.count = count;
  if (Status status = scoring::gather_candidates(model, data_->kernels.rows(), data_->matched, rows); !status)
    return status;
  rows.complete = true;
  score_candidates(*data_, user_data, Pairs::none, scores, attention);
  return Status();
}

Status Scorer::rescore(const UserState& user, std::span<float> scores,
                       std::span<float> attention) noexcept DINGHY_NONBLOCKING {
  if (Status status = check_handles(data_, user.internal()); !status) return status;
  const UserState::Data& user_data = *user.internal();
  const kernels::FloatEnvironment floats;
  if (!data_->candidates.complete)
    return Status::error(Code::invalid_argument, "rescore() needs candidates: call score() first");
  if (Status status = check_user(*data_, user_data); !status) return status;
  if (Status status = check_outputs(*data_, user_data, data_->candidates.count, scores, attention); !status)
    return status;
  score_candidates(*data_, user_data, Pairs::kept, scores, attention);
  return Status();
}

std::string_view Scorer::isa() const noexcept { return data_ == nullptr ? "" : data_->kernels.name; }

bool Scorer::uses_integers() const noexcept { return data_ != nullptr && data_->uses_integers(); }

}  // namespace dinghy
