#include "engine/reference/din_forward.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "engine/network/position.h"
#include "engine/reference/layers.h"

namespace dinghy::reference {
namespace {

using network::History;
using network::Interest;
using network::Model;
using network::User;

std::size_t widest_layer(const Model& model) noexcept {
  std::size_t widest = 1;
  const auto add = [&](const auto& layers) {
    for (const Layer& layer : layers) widest = std::max<std::size_t>(widest, layer.out);
  };
  for (const Interest& interest : model.interests) {
    add(interest.query_layers);
    add(interest.layers);
    add(interest.post_layers);
  }
  for (const network::Mlp& mlp : model.mlps) add(mlp.layers);
  add(model.tower.layers);
  return widest;
}

std::size_t widest_key(const Model& model) noexcept {
  std::size_t widest = 1;
  for (const Interest& i : model.interests) widest = std::max({widest, i.width, i.query_width});
  return widest;
}

std::size_t widest_input(const Model& model) noexcept {
  std::size_t widest = model.tower.width;
  for (const network::Mlp& mlp : model.mlps) widest = std::max(widest, mlp.width);
  return widest;
}

std::size_t longest_padding(const Model& model) noexcept {
  std::size_t longest = 0;
  for (const Interest& interest : model.interests) longest = std::max<std::size_t>(longest, interest.pad_to);
  return longest;
}

/// The scratch, cut into its parts.
struct Scratch {
  double *query, *projected, *key, *input, *layer, *spare, *pooled, *results, *tower, *weights;

  Scratch(const Model& model, double* memory) noexcept {
    const auto take = [&memory](std::size_t count) {
      double* const taken = memory;
      memory += count;
      return taken;
    };
    const std::size_t key_width = widest_key(model), layer_width = widest_layer(model);
    query = take(key_width);
    projected = take(std::max(key_width, layer_width));
    key = take(key_width);
    input = take(4 * key_width);
    layer = take(layer_width);
    spare = take(layer_width);
    pooled = take(key_width);
    results = take(model.result_width);
    tower = take(widest_input(model));
    weights = take(0);  // the last part: one for each row that takes part
  }
};

void cut(const Array<network::Piece>& pieces, const float* row, double* out) noexcept {
  for (const network::Piece& piece : pieces) out = std::copy_n(row + piece.offset, piece.width, out);
}

/// The local activation unit: a(q, k) before the normalizer, for a behaviour at `position`.
double logit(const Interest& interest, std::size_t position, const double* q, const Scratch& s) noexcept {
  const double* const k = s.key;
  const std::size_t width = interest.width;
  if (interest.score == format::Score::dot) {
    double sum = 0;
    for (std::size_t d = 0; d < width; ++d) sum += q[d] * k[d];
    return sum;
  }
  for (std::size_t d = 0; d < width; ++d) {
    s.input[d] = q[d];
    s.input[width + d] = k[d];
    s.input[2 * width + d] = q[d] - k[d];
    s.input[3 * width + d] = q[d] * k[d];
  }
  const double* x = s.input;
  double* y = s.layer;
  for (std::size_t l = 0; l < interest.layers.size(); ++l) {
    const Layer layer = network::layer_at(interest, l, position);
    run(&layer, 1, x, y, nullptr);
    x = y;
    y = y == s.layer ? s.spare : s.layer;
  }
  return x[0];
}

const double* project_query(const Interest& interest, const float* candidate_row, const Scratch& s) noexcept {
  std::fill_n(s.query, std::max(interest.width, interest.query_width), 0.0);  // a narrower q is padded with zeros
  cut(interest.query, candidate_row, s.query);
  if (interest.query_layers.empty()) return s.query;
  run(interest.query_layers.begin(), interest.query_layers.size(), s.query, s.projected, s.spare);
  return s.projected;
}

/// Padding rows of this history that take part.
std::size_t pads_of(const Interest& interest, const History& history) noexcept {
  if (interest.pads == format::Pads::excluded) return 0;
  return interest.pad_to > history.length ? interest.pad_to - history.length : 0;
}

/// What a mean divides by.
std::size_t mean_count(const Interest& interest, const History& history, std::size_t pads) noexcept {
  return history.real_count + (interest.pads == format::Pads::attend ? pads : 0);
}

bool empty(const Interest& interest, const History& history, std::size_t pads) noexcept {
  if (interest.pooling == format::Pooling::mean) return mean_count(interest, history, pads) == 0;
  return history.real_count == 0 && (pads == 0 || interest.pads == format::Pads::denominator);
}

void interest_result(const Model& model, const Interest& interest, const User& user, const float* candidate_row,
                     const Scratch& s, float* attention, double* result) noexcept {
  const History& history = user.histories[interest.sequence];
  const std::size_t stride = model.sequences[interest.sequence].stride;
  const std::size_t pads = pads_of(interest, history);
  const double* const q = project_query(interest, candidate_row, s);
  // The rows of padding lie behind the behaviours, one after another, and all are the last row of the history.
  std::size_t rows = history.length + pads;
  const auto cut_key = [&](std::size_t t) {
    cut(interest.keys, history.rows + std::min(t, history.length) * stride, s.key);
  };
  for (std::size_t t = 0; t < rows; ++t) {
    cut_key(t);
    const std::size_t position =
        network::position_of(interest, model.sequences[interest.sequence].pad_side, history.length, t);
    s.weights[t] = logit(interest, position, q, s) * static_cast<double>(interest.scale);
  }
  if (empty(interest, history, pads)) {
    std::fill_n(s.weights, history.length, 0.0);
    s.weights[history.length] = interest.empty == format::EmptyHistory::pad_row ? 1 : 0;
    rows = history.length + 1;
  } else {
    normalize(interest, history, pads, s.weights);
  }
  std::fill_n(s.pooled, interest.width, 0.0);
  for (std::size_t t = 0; t < rows; ++t) {
    cut_key(t);
    for (std::size_t d = 0; d < interest.width; ++d) s.pooled[d] += s.weights[t] * s.key[d];
  }
  for (std::size_t t = 0; attention != nullptr && t < history.length; ++t) {
    attention[t] = static_cast<float>(s.weights[t]);
  }
  if (interest.post_layers.empty()) {
    std::copy_n(s.pooled, interest.width, result);
  } else {
    run(interest.post_layers.begin(), interest.post_layers.size(), s.pooled, s.layer, s.spare);
    std::copy_n(s.layer, interest.result_width, result);
  }
}

/// One number of an operand. Sums over the history, and MLPs of the user alone, are taken from the user row, where they
/// stand in float.
double number(const network::Operand& operand, std::size_t i, const User& user, const float* candidate_row,
              const double* results) noexcept {
  switch (operand.row) {
    case network::Row::user:
      return static_cast<double>(user.row[operand.offset + i]);
    case network::Row::candidate:
      return static_cast<double>(candidate_row[operand.offset + i]);
    case network::Row::result:
      return results[operand.offset + i];
  }
  return 0;
}

/// The parts of the tower or of an MLP, side by side from x on.
void concatenate(std::span<const network::Part> parts, const User& user, const float* candidate_row,
                 const double* results, double* x) noexcept {
  for (const network::Part& part : parts) {
    for (std::size_t i = 0; i < part.operand.width; ++i) {
      const double left = number(part.operand, i, user, candidate_row, results);
      *x++ = part.is_product ? left * number(part.times, i, user, candidate_row, results) : left;
    }
  }
}

}  // namespace

std::size_t scratch_size(const Model& model, std::size_t max_history) noexcept {
  const std::size_t key_width = widest_key(model), layer_width = widest_layer(model);
  return 7 * key_width + std::max(key_width, layer_width) + 2 * layer_width + model.result_width + widest_input(model) +
         std::max(max_history + 1, longest_padding(model));
}

void normalize(const Interest& interest, const History& history, std::size_t pads, double* weights) noexcept {
  const std::size_t length = history.length, rows = length + pads;
  const auto takes_part = [&](std::size_t t) { return t >= length || history.real[t] != 0; };
  if (interest.pads == format::Pads::zero_logit) std::fill_n(weights + length, pads, 0.0);
  switch (interest.normalizer) {
    case format::Normalizer::raw:
      break;
    case format::Normalizer::one:
      std::fill_n(weights, rows, 1.0);
      break;
    case format::Normalizer::sigmoid:
      for (std::size_t t = 0; t < rows; ++t) weights[t] = sigmoid(weights[t]);
      break;
    case format::Normalizer::softmax: {
      double largest = -std::numeric_limits<double>::infinity();
      for (std::size_t t = 0; t < rows; ++t) {
        if (takes_part(t)) largest = std::max(largest, weights[t]);
      }
      double sum = 0;
      for (std::size_t t = 0; t < rows; ++t) {
        if (takes_part(t)) sum += std::exp(weights[t] - largest);
      }
      for (std::size_t t = 0; t < rows; ++t) weights[t] = std::exp(weights[t] - largest) / sum;
      break;
    }
  }
  const bool pads_count = interest.pads == format::Pads::attend || (interest.pads == format::Pads::zero_logit &&
                                                                    interest.normalizer == format::Normalizer::softmax);
  for (std::size_t t = 0; t < rows; ++t) {
    if (t < length ? history.real[t] == 0 : !pads_count) weights[t] = 0;
  }
  if (interest.pooling == format::Pooling::mean) {
    const std::size_t count = mean_count(interest, history, pads);
    for (std::size_t t = 0; t < rows; ++t) weights[t] /= static_cast<double>(count);
  }
}

void history_sum(const Model& model, const network::HistorySum& sum, const History& history, double* y) noexcept {
  const network::Feature& feature = model.features[sum.feature];
  const std::size_t stride = model.sequences[static_cast<std::size_t>(feature.sequence)].stride;
  const std::size_t pads = sum.pad_to > history.length ? sum.pad_to - history.length : 0;
  const std::size_t rows = history.real_count + pads;
  // Row by row: a wide feature's column takes a page of memory for each number.
  std::fill_n(y, feature.width, 0.0);
  for (std::size_t t = 0; t <= history.length; ++t) {
    const float* const row = history.rows + t * stride + feature.history_offset;
    const double times = t == history.length ? static_cast<double>(pads) : history.real[t];
    if (times == 0) continue;
    for (std::size_t i = 0; i < feature.width; ++i) y[i] += times * static_cast<double>(row[i]);
  }
  for (std::size_t i = 0; sum.mean && rows > 0 && i < feature.width; ++i) y[i] /= static_cast<double>(rows);
}

const double* tower_input(const Model& model, const User& user, const float* candidate_row, double* scratch,
                          const AttentionOutput* attention) noexcept {
  const Scratch s(model, scratch);
  for (std::size_t i = 0; i < model.interests.size(); ++i) {
    const Interest& interest = model.interests[i];
    interest_result(model, interest, user, candidate_row, s, attention[i].weights, s.results + interest.result_offset);
  }
  for (const network::Mlp& mlp : model.mlps) {
    if (mlp.of_user) continue;  // stands in the user row
    concatenate(mlp.parts.span(), user, candidate_row, s.results, s.tower);
    run(mlp.layers.begin(), mlp.layers.size(), s.tower, s.layer, s.spare);
    std::copy_n(s.layer, mlp.result_width(), s.results + mlp.offset);
  }
  concatenate(model.tower.parts.span(), user, candidate_row, s.results, s.tower);
  return s.tower;
}

std::size_t user_scratch_size(const Model& model) noexcept { return widest_input(model) + 2 * widest_layer(model); }

void project_user(const Model& model, float* user_row, double* scratch, float* tower_initial) noexcept {
  double* const x = scratch;
  double* const y = x + widest_input(model);
  double* const spare = y + widest_layer(model);
  const User user{nullptr, user_row};
  for (const network::Mlp& mlp : model.mlps) {
    if (!mlp.of_user) continue;
    concatenate(mlp.parts.span(), user, nullptr, nullptr, x);
    run(mlp.layers.begin(), mlp.layers.size(), x, y, spare);
    for (std::size_t i = 0; i < mlp.result_width(); ++i) user_row[mlp.offset + i] = static_cast<float>(y[i]);
  }
  const network::Tower& tower = model.tower;
  concatenate(tower.parts.span().first(tower.user_parts), user, nullptr, nullptr, x);
  network::Layer users = tower.hidden[0];
  users.in = static_cast<std::uint32_t>(tower.user_width);
  affine(users, x, y);
  for (std::size_t o = 0; o < users.out; ++o) tower_initial[o] = static_cast<float>(y[o]);
}

double score_candidate(const Model& model, const User& user, const float* candidate_row, double* scratch,
                       const AttentionOutput* attention) noexcept {
  const Scratch s(model, scratch);
  tower_input(model, user, candidate_row, scratch, attention);
  run(model.tower.layers.begin(), model.tower.layers.size(), s.tower, s.layer, s.spare);
  if (model.tower.layers[model.tower.layers.size() - 1].out == 1) return s.layer[0];
  return s.layer[model.head.positive_class] - s.layer[1 - model.head.positive_class];
}

}  // namespace dinghy::reference
