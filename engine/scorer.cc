#include "dinghy/scorer.h"

#include <algorithm>
#include <new>
#include <utility>

#include "engine/network/gather.h"
#include "engine/scoring/attention.h"
#include "engine/scoring/scorer_data.h"
#include "engine/scoring/tower.h"

namespace dinghy {
namespace {

using network::padded;
using network::Side;

// A bound for the plan's arithmetic; memory does not depend on max_candidates.
constexpr std::size_t kMaxCandidates = std::size_t{1} << 24;
constexpr std::size_t kMaxHistory = std::size_t{1} << 20;

/// The widest buffers that any interest or layer needs.
struct Extents {
  std::size_t query = 16, initial = 16, fold = 16, unit = 16, pooled = 16, hidden = 16;

  explicit Extents(const network::Model& model) noexcept {
    const auto grow = [](std::size_t& extent, std::size_t size) { extent = std::max(extent, size); };
    for (const network::Interest& interest : model.interests) {
      grow(query, padded(std::max(interest.width, interest.query_width)));
      for (const network::Layer& layer : interest.query_layers) grow(query, layer.stride);
      grow(pooled, interest.stride);
      for (const network::Layer& layer : interest.post_layers) grow(pooled, layer.stride);
      for (const network::Layer& layer : interest.hidden) grow(unit, layer.stride);
      if (interest.score == format::Score::dot) continue;
      grow(initial, interest.hidden[0].stride);
      grow(fold, interest.width * interest.hidden[0].stride);
    }
    for (const network::Layer& layer : model.tower.hidden) grow(hidden, layer.stride);
  }
};

Status lay_out(Scorer::Data& data, const ScorerOptions& options) noexcept {
  const network::Model& model = data.network();
  const Extents extents(model);
  const std::size_t block = std::min(kCandidateBlock, std::max<std::size_t>(1, options.max_candidates));
  Arena& arena = data.arena;
  data.candidate_stride = padded(model.candidate_width);
  data.result_stride = padded(model.interest_width);
  data.query_stride = extents.query;
  data.initial_stride = extents.initial;
  data.weight_stride = padded(options.max_history + 1);
  data.pooled_stride = extents.pooled;
  data.tower_stride = padded(model.tower.width - model.tower.user_width);
  data.hidden_stride = extents.hidden;

  const auto matched = arena.reserve<const Column*>(model.features.size());
  const auto candidates = arena.reserve<float>(block, data.candidate_stride);
  const auto results = arena.reserve<float>(block, data.result_stride);
  const auto logits = arena.reserve<float>(block);
  const auto query = arena.reserve<float>(block, data.query_stride);
  const auto query_spare = arena.reserve<float>(block, data.query_stride);
  const auto initial = arena.reserve<float>(block, data.initial_stride);
  const auto fold = arena.reserve<float>(extents.fold);
  const auto unit_scratch = arena.reserve<float>(2 * kernels::kAttentionBlock, extents.unit);
  const auto weights = arena.reserve<float>(block, data.weight_stride);
  const auto pooled = arena.reserve<float>(block, data.pooled_stride);
  const auto pooled_spare = arena.reserve<float>(block, data.pooled_stride);
  const auto zeros = arena.reserve<float>(data.pooled_stride);
  const auto tower_input = arena.reserve<float>(block, data.tower_stride);
  const auto hidden = arena.reserve<float>(block, data.hidden_stride);
  const auto hidden_spare = arena.reserve<float>(block, data.hidden_stride);
  const auto scratch = arena.reserve<double>(
      data.kernels.simd == nullptr ? kernels::reference::scratch_size(model, options.max_history) : 0);
  const auto attention = arena.reserve<kernels::reference::AttentionOutput>(model.interests.size());
  if (!arena.allocate()) {
    return Status::error(Code::out_of_memory, "no memory for a scorer of %zu behaviours", options.max_history);
  }
  data.matched = arena.at(matched);
  data.candidates = arena.at(candidates);
  data.results = arena.at(results);
  data.logits = arena.at(logits);
  data.query = arena.at(query);
  data.query_spare = arena.at(query_spare);
  data.initial = arena.at(initial);
  data.fold = arena.at(fold);
  data.unit_scratch = arena.at(unit_scratch);
  data.weights = arena.at(weights);
  data.pooled = arena.at(pooled);
  data.pooled_spare = arena.at(pooled_spare);
  data.zeros = arena.at(zeros);
  data.tower_input = arena.at(tower_input);
  data.hidden = arena.at(hidden);
  data.hidden_spare = arena.at(hidden_spare);
  data.reference_scratch = arena.at(scratch);
  data.reference_attention = arena.at(attention);
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

Status check_outputs(const Scorer::Data& data, const UserState::Data& user, std::size_t rows,
                     std::span<float> scores, std::span<float> attention) noexcept {
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
    return Status::error(Code::invalid_argument, "room for %zu attention weights, there are %zu", attention.size(), weights);
  }
  return Status();
}

Status gather_candidates(Scorer::Data& data, const scoring::Block& block) noexcept {
  const network::Model& model = data.network();
  for (std::uint32_t f = 0; f < model.features.size(); ++f) {
    if (data.matched[f] == nullptr) continue;
    for (std::size_t n = 0; n < block.count; ++n) {
      float* const out = data.candidates + n * data.candidate_stride + model.features[f].offset;
      if (Status status = network::gather(model, f, Side::candidates, *data.matched[f], block.first + n, out); !status) {
        return status;
      }
    }
  }
  return Status();
}

/// The paper's order, candidate by candidate.
void score_by_reference(Scorer::Data& data, const UserState::Data& user, const scoring::Block& block,
                        std::span<float> attention) noexcept {
  const network::Model& model = data.network();
  for (std::size_t n = 0; n < block.count; ++n) {
    for (std::size_t i = 0; i < model.interests.size(); ++i) {
      float* const out = scoring::attention_of(model, user.user(), i, block.total, attention);
      const std::size_t length = user.histories[model.interests[i].sequence].length;
      data.reference_attention[i].weights = out == nullptr ? nullptr : out + (block.first + n) * length;
    }
    const double logit = kernels::reference::score_candidate(model, user.user(), data.candidates + n * data.candidate_stride,
                                                             data.reference_scratch, data.reference_attention);
    data.logits[n] = static_cast<float>(logit);
  }
}

Status score_block(Scorer::Data& data, const UserState::Data& user, const scoring::Block& block,
                   std::span<float> scores, std::span<float> attention) noexcept {
  if (Status status = gather_candidates(data, block); !status) return status;
  if (data.kernels.simd == nullptr) {
    score_by_reference(data, user, block, attention);
  } else {
    scoring::attend(data, user, block, attention);
    scoring::run_tower(data, user, block);
  }
  return scoring::apply_head(data, user, block, scores.data() + block.first);
}

}  // namespace

Result<Scorer> Scorer::create(const Model& model, const ScorerOptions& options) noexcept {
  if (options.max_candidates > kMaxCandidates || options.max_history > kMaxHistory) {
    return Status::error(Code::invalid_argument, "max_candidates is over %zu or max_history over %zu", kMaxCandidates, kMaxHistory);
  }
  kernels::Selection selection;
  if (Status status = kernels::select(options.isa, selection); !status) return status;
  Scorer scorer(new (std::nothrow) Data(model));
  if (scorer.data_ == nullptr) return Status::error(Code::out_of_memory, "no memory for a scorer");
  scorer.data_->kernels = selection;
  scorer.data_->max_candidates = options.max_candidates;
  scorer.data_->max_history = options.max_history;
  if (Status status = lay_out(*scorer.data_, options); !status) return status;
  return scorer;
}

Scorer::Scorer(Scorer&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

Scorer& Scorer::operator=(Scorer&& other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

Scorer::~Scorer() { delete data_; }

Status Scorer::score(const UserState& user, Columns candidates, std::span<float> scores,
                     std::span<float> attention) noexcept {
  const UserState::Data& user_data = *user.internal();
  if (Status status = check_user(*data_, user_data); !status) return status;
  std::size_t rows = 0;
  if (Status status = network::match_columns(data_->network(), Side::candidates, candidates, data_->matched); !status) return status;
  if (Status status = network::count_rows(data_->network(), Side::candidates, -1, data_->matched, rows); !status) return status;
  if (Status status = check_outputs(*data_, user_data, rows, scores, attention); !status) return status;
  for (std::size_t first = 0; first < rows; first += kCandidateBlock) {
    const scoring::Block block{first, std::min(kCandidateBlock, rows - first), rows};
    if (Status status = score_block(*data_, user_data, block, scores, attention); !status) return status;
  }
  return Status();
}

std::string_view Scorer::isa() const noexcept { return data_->kernels.name; }

}  // namespace dinghy
