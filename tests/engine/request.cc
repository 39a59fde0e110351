#include "tests/engine/request.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/engine/random_network.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::tests {

std::vector<Column> Values::columns(const Model& model) const {
  std::vector<Column> columns;
  for (const auto& [name, values] : ids) {
    const auto bag = offsets.find(name);
    const std::uint32_t f = *model.feature(name);
    columns.push_back(bag == offsets.end() ? Column::ids(f, values) : Column::bags(f, values, bag->second));
  }
  for (const auto& [name, values] : numbers) columns.push_back(Column::numbers(*model.feature(name), values));
  return columns;
}

namespace {

void fill(const Feature& feature, std::size_t rows, Random& random, Values& values) {
  const std::string name(feature.name);
  if (feature.kind == FeatureKind::dense) {
    values.numbers[name] = random.floats(rows * feature.dense_width, 2);
    return;
  }
  const std::int64_t count = rows_of(name);
  std::vector<std::int64_t>& ids = values.ids[name];
  if (feature.kind != FeatureKind::bag) {
    for (std::size_t r = 0; r < rows; ++r)
      ids.push_back(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(count))));
    return;
  }
  std::vector<std::uint32_t>& offsets = values.offsets[name];
  offsets.push_back(0);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::uint64_t i = random.below(4); i > 0; --i)
      ids.push_back(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(count))));
    offsets.push_back(static_cast<std::uint32_t>(ids.size()));
  }
}

}  // namespace

Request random_request(const Model& model, std::size_t candidates, std::size_t history, std::uint64_t seed,
                       bool coarse) {
  Random random(seed);
  Request request;
  request.rows = candidates;
  request.length = history;
  for (const Feature& feature : model.features()) {
    if (feature.role == Role::user || feature.role == Role::context) fill(feature, 1, random, request.user);
    if (feature.role == Role::candidate) fill(feature, candidates, random, request.candidates);
    if (feature.in_history) fill(feature, history, random, request.history);
  }
  for (Values* side : {&request.history, &request.candidates}) {
    for (auto& [name, ids] : side->ids) {
      for (std::int64_t& id : ids) id = coarse ? id % (name == "item" ? 20 : 3) : id;
    }
  }
  return request;
}

Values behaviors(const Request& request, std::size_t first, std::size_t count) {
  Values values;
  const auto slice = [](const auto& of, std::size_t begin, std::size_t end) {
    return std::decay_t<decltype(of)>(of.begin() + static_cast<std::ptrdiff_t>(begin),
                                      of.begin() + static_cast<std::ptrdiff_t>(end));
  };
  for (const auto& [name, ids] : request.history.ids) {
    const auto bag = request.history.offsets.find(name);
    if (bag == request.history.offsets.end()) {
      values.ids[name] = slice(ids, first, first + count);
      continue;
    }
    const std::uint32_t begin = bag->second[first];
    values.ids[name] = slice(ids, begin, bag->second[first + count]);
    for (std::size_t r = 0; r <= count; ++r) values.offsets[name].push_back(bag->second[first + r] - begin);
  }
  for (const auto& [name, numbers] : request.history.numbers) {
    const std::size_t width = numbers.size() / request.length;
    values.numbers[name] = slice(numbers, first * width, (first + count) * width);
  }
  return values;
}

Scores score(const Model& model, const Request& request, const std::string& isa, Integers integers) {
  auto user = UserState::create(model, {.max_history = request.length, .isa = isa});
  auto scorer = Scorer::create(
      model, {.max_candidates = request.rows, .max_history = request.length, .isa = isa, .integers = integers});
  REQUIRE(user.ok());
  REQUIRE(scorer.ok());
  const Status set = user->set(request.user.columns(model), request.history.columns(model));
  INFO(set.message());
  REQUIRE(set.ok());
  Scores result;
  result.scores.resize(request.rows);
  std::size_t weights = 0;
  for (std::size_t i = 0; i < model.interests(); ++i) weights += request.rows * user->history_length(i);
  result.attention.resize(weights);
  const Status scored = scorer->score(*user, request.candidates.columns(model), result.scores, result.attention);
  INFO(scored.message());
  REQUIRE(scored.ok());
  return result;
}

}  // namespace dinghy::tests
