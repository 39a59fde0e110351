// Requests for the random networks (random_network.h), with the memory that their columns point to.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dinghy/columns.h"
#include "dinghy/model.h"
#include "dinghy/scorer.h"
#include "dinghy/user_state.h"

namespace dinghy::tests {

/// Values by feature name; columns() gives those of one side.
struct Values {
  std::map<std::string, std::vector<std::int64_t>> ids;
  std::map<std::string, std::vector<float>> numbers;
  std::map<std::string, std::vector<std::uint32_t>> offsets;  // makes ids of the same name a bag

  std::vector<Column> columns(const Model& model) const;
};

struct Request {
  Values user, history, candidates;
  std::size_t rows = 0;    // candidates
  std::size_t length = 0;  // behaviours
};

/// Random ids for every feature of a random network. With `coarse` the fields of the item have few values, as
/// categories have: the first field 20, the others 3, so that behaviours, candidates and combinations repeat.
Request random_request(const Model& model, std::size_t candidates, std::size_t history, std::uint64_t seed,
                       bool coarse = false);

/// Behaviours [first, first + count) of a request's history.
Values behaviors(const Request& request, std::size_t first, std::size_t count);

struct Scores {
  std::vector<float> scores;
  std::vector<float> attention;
};

/// Scores a request on `isa` with a state and a scorer of its own; fails the test on any error.
Scores score(const Model& model, const Request& request, const std::string& isa,
             Integers integers = Integers::when_faster);

}  // namespace dinghy::tests
