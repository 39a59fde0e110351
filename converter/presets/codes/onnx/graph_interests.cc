#include "converter/presets/codes/onnx/graph_interests.h"

#include <algorithm>
#include <set>

#include "converter/presets/attention.h"
#include "converter/presets/codes/onnx/history_mean.h"
#include "converter/presets/codes/onnx/key_layers.h"
#include "converter/presets/codes/onnx/probe.h"
#include "converter/text/number_text.h"

namespace dinghy::converter {
namespace {

void collect(const Expression* of, std::set<const Expression*>& seen, std::vector<const Expression*>& all) {
  if (!seen.insert(of).second) return;
  for (const Expression* arg : of->args) collect(arg, seen, all);
  all.push_back(of);
}

// What is multiplied with each other: weights have one number, the key has a vector.
void collect_factors(Expressions& expressions, const Expression* of, std::vector<const Expression*>& weights,
                     std::vector<const Expression*>& keys) {
  const bool product = of->kind == ExpressionKind::elementwise && of->operation->name == std::string("Mul");
  if (of->width == 1) {
    weights.push_back(of);
  } else if (product) {
    for (const Expression* arg : of->args) collect_factors(expressions, arg, weights, keys);
  } else if (of->kind == ExpressionKind::constant) {
    const bool one = of->time == 0 && std::ranges::all_of(of->numbers, [&](double n) { return n == of->numbers[0]; });
    if (one) weights.push_back(expressions.constant({of->numbers[0]}, 1, 0));
    if (!one) keys.push_back(of);
  } else {
    keys.push_back(of);
  }
}

const char* words_for(format::Normalizer normalizer) {
  switch (normalizer) {
    case format::Normalizer::softmax:
      return "softmax of the logits";
    case format::Normalizer::sigmoid:
      return "sigmoid of the logits";
    default:
      return "the raw logits";
  }
}

bool is_whole(const Piece& piece) {
  return piece.left->kind == ExpressionKind::rows && piece.left_begin == 0 && piece.width == piece.left->width;
}

}  // namespace

GraphInterests::GraphInterests(const GraphConversion& graph, GraphFeatures& features, const Expression* score)
    : graph_(graph), features_(features) {
  std::set<const Expression*> seen;
  std::vector<const Expression*> all, sums;
  collect(score, seen, all);
  for (const Expression* e : all) {
    if (e->kind == ExpressionKind::rows && e->time == 0) rows_.push_back(e);
    if (e->kind == ExpressionKind::time_sum && !is_count(e)) sums.push_back(e);
  }
  // Interests first: they tell which column of the history belongs to which feature of the candidate.
  for (const bool scored : {true, false}) {
    for (const Expression* sum : sums) read(sum, scored);
  }
}

void GraphInterests::read(const Expression* time_sum, bool scored) {
  std::vector<const Expression*> weights, keys;
  collect_factors(graph_.expressions, time_sum->args[0], weights, keys);
  if (keys.size() != 1) graph_.fail(time_sum, "sums over the history something else than weighted rows");
  WeightForm form;
  form.pads = format::Pads::attend;
  if (!weights.empty()) {
    const Expression* weight = weights[0];
    for (std::size_t i = 1; i < weights.size(); ++i) {
      weight = graph_.expressions.elementwise(find_scalar_operation("Mul"), {weight, weights[i]});
    }
    form = weight_form_of(graph_, weight);
  }
  if ((form.score != nullptr) != scored) return;
  features_.set_history(time_sum, form.mask, time_sum->args[0]->time);
  Sum sum;
  sum.mask = form.mask;
  if (form.score) {
    sum.interest.emplace();
    const PooledKey key = pooled_key_of(graph_, keys[0], form);
    if (key.layer) sum.interest->post_layers.push_back(*key.layer);
    read_score(time_sum, key.rows, form, *sum.interest);
    report(form, *sum.interest);
  } else {
    for (const Piece& piece : pieces_of(keys[0])) {
      if (!is_whole(piece)) graph_.fail(time_sum, "sums something else than rows of tables");
      sum.columns.push_back(features_.history_feature(query_of(piece.left), piece.left));
    }
    read_plain_sum(time_sum, form, sum);
  }
  sums_[time_sum] = std::move(sum);
}

// Without an attention a table that both look up tells which feature of the candidate the behaviours have.
const Expression* GraphInterests::query_of(const Expression* key) const {
  const auto shares = [&](const Expression* rows) { return rows->name == key->name; };
  const auto query = std::ranges::find_if(rows_, shares);
  const bool one = std::ranges::count_if(rows_, shares) == 1;
  return one && features_.may_be_candidate(*query) ? *query : nullptr;
}

void GraphInterests::read_plain_sum(const Expression* time_sum, const WeightForm& form, Sum& sum) {
  const std::size_t length = time_sum->args[0]->time;
  const bool masked = form.mask.kind != HistoryMask::Kind::none;
  const bool mean = !masked && near(form.scale, 1 / static_cast<double>(length));
  if (!mean && !near(form.scale, 1)) graph_.fail(time_sum, "is neither the sum nor the mean of the history's rows");
  sum.source = mean ? format::Source::history_mean : format::Source::history_sum;
  if (!masked) sum.pad_to = static_cast<std::uint32_t>(length);
}

void GraphInterests::read_score(const Expression* time_sum, const Expression* key, const WeightForm& form,
                                Interest& interest) {
  LayerStack stack = take_layers_off(graph_, form.score);
  const bool dot = stack.layers.empty() && form.score->kind == ExpressionKind::channel_sum;
  if (stack.layers.empty() && !dot) graph_.fail(form.score, "is a score of the history that comes from no layer");
  const Expression* compared = dot ? without_key_layer(graph_, form.score->args[0], form) : stack.input;
  const AttentionInput input = attention_input_of(graph_, compared, key);
  add_fields(compared, input, form.mask, interest);
  if (form.scale == 0) graph_.fail(time_sum, "multiplies the scores of the history with 0");
  interest.scale = form.scale;
  if (dot) {
    interest.score = format::Score::dot;
    in_standard_order(graph_, input, compared, Matrix{input.width, 1, Vector(input.width, 1.0)});
    if (form.shift != 0 && form.normalizer != format::Normalizer::softmax) {
      graph_.fail(time_sum, "adds a number to a dot product");
    }
    return;
  }
  stack.layers[0].weight = in_standard_order(graph_, input, compared, stack.layers[0].weight);
  stack.layers.back().bias.at(0) += form.shift / form.scale;
  interest.layers = std::move(stack.layers);
}

void GraphInterests::add_fields(const Expression* at, const AttentionInput& input, const HistoryMask& mask,
                                Interest& interest) {
  std::vector<Piece> queries = input.queries;
  if (queries.size() == 1 && queries[0].left->kind != ExpressionKind::rows) {
    const LayerStack stack = take_layers_off(graph_, queries[0].left);
    if (stack.layers.empty()) graph_.fail(queries[0].left, "is a query that comes from no table and no layer");
    interest.query_layers = stack.layers;
    queries = pieces_of(stack.input);
  }
  if (queries.size() != input.keys.size()) {
    graph_.fail(at, "compares " + std::to_string(queries.size()) + " features of the candidate with " +
                        std::to_string(input.keys.size()) + " columns of the history");
  }
  std::vector<std::size_t> order(queries.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
    if (!is_whole(queries[i]) || !is_whole(input.keys[i]) || queries[i].left->time > 0) {
      graph_.fail(at, "compares parts of vectors, or what is no row of a table");
    }
  }
  // The mask reads the history's first column.
  std::ranges::stable_partition(order, [&](std::size_t i) {
    return std::ranges::find(mask.inputs, input.keys[i].left->args[0]) != mask.inputs.end();
  });
  for (const std::size_t i : order) features_.history_feature(queries[i].left, input.keys[i].left);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    interest.fields.push_back({features_.id_feature(queries[i].left, format::Role::candidate),
                               features_.history_feature(queries[i].left, input.keys[i].left)});
  }
}

void GraphInterests::report(const WeightForm& form, Interest& interest) {
  Conversion& conversion = graph_.conversion;
  interest.normalizer = form.normalizer;
  conversion.found("attention weights", words_for(form.normalizer), Certainty::file);
  conversion.found("scale of the logits", number_text(form.scale), Certainty::file);
  if (form.pads != format::Pads::excluded) choose_pads(conversion, interest, form.pads);
  if (form.pads == format::Pads::excluded || form.pads == format::Pads::denominator) {
    choose_empty(conversion, interest, form.empty, Certainty::file);
  }
}

std::uint32_t GraphInterests::add(Interest interest) {
  std::vector<Interest>& interests = graph_.conversion.network.interests;
  if (!interests.empty()) interest.name += "_" + std::to_string(interests.size() + 1);
  interests.push_back(std::move(interest));
  return static_cast<std::uint32_t>(interests.size() - 1);
}

std::vector<Operand> GraphInterests::operands_of(const Expression* time_sum, std::size_t begin, std::size_t width) {
  if (is_count(time_sum)) {
    graph_.fail(time_sum, "counts behaviours for something else than the mean of a history");
  }
  Sum& sum = sums_.at(time_sum);
  if (sum.interest) {
    if (!sum.index) sum.index = add(*sum.interest);
    return {{format::Source::interest, *sum.index, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(width),
             0}};
  }
  std::vector<Operand> operands;
  std::size_t at = 0;
  for (const std::uint32_t column : sum.columns) {
    const std::size_t own = graph_.conversion.network.features.at(column).width;
    const std::size_t first = std::max(begin, at), last = std::min(begin + width, at + own);
    if (first < last) {
      operands.push_back({sum.source, column, static_cast<std::uint32_t>(first - at),
                          static_cast<std::uint32_t>(last - first), sum.pad_to});
    }
    at += own;
  }
  return operands;
}

std::vector<Operand> GraphInterests::mean_operands_of(const Expression* quotient, std::size_t begin,
                                                      std::size_t width) {
  const std::optional<HistoryMean> mean = history_mean_of(quotient);
  if (!mean) return {};
  const Sum& sum = sums_.at(mean->sum);
  if (sum.interest || sum.source != format::Source::history_sum || sum.pad_to > 0) {
    graph_.fail(quotient, "divides by the number of behaviours what is no sum of them alone");
  }
  check_count(graph_, quotient, mean->count, sum.mask);
  std::vector<Operand> operands = operands_of(mean->sum, begin, width);
  for (Operand& operand : operands) operand.source = format::Source::history_mean;
  return operands;
}

std::optional<Operand> GraphInterests::with_post_layers(const Expression* time_sum, const std::vector<Layer>& layers) {
  if (is_count(time_sum)) return std::nullopt;
  const Sum& sum = sums_.at(time_sum);
  if (!sum.interest) return std::nullopt;
  Interest interest = *sum.interest;
  interest.post_layers.insert(interest.post_layers.end(), layers.begin(), layers.end());
  const auto width = static_cast<std::uint32_t>(layers.back().weight.cols);
  return Operand{format::Source::interest, add(std::move(interest)), 0, width, 0};
}

}  // namespace dinghy::converter
