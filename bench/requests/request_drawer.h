// Requests drawn from a model's own tables, for models of any kind: ids that have rows, in the amounts that are asked.
#pragma once

#include <cstdint>
#include <random>

#include "converter/requests/requests.h"

namespace dinghy::bench {

/// How logs look, without any log: an id of a large table (items) comes at most by chance twice in a request, so that
/// nothing is in a cache; a table of up to kFewRows rows (categories) gives the history and the candidates some 29
/// distinct values each among a hundred.
class RequestDrawer {
 public:
  static constexpr std::uint64_t kFewRows = 10'000;
  static constexpr std::size_t kFavourites = 30;

  /// Equal seeds give equal requests, on every machine.
  RequestDrawer(const Model& model, std::uint64_t seed) : model_(model), bits_(seed) {}

  converter::Request draw(std::size_t candidates, std::size_t history);

  /// The columns of `behaviours` behaviours more, for UserState::append.
  std::vector<converter::RequestColumn> draw_history(std::size_t behaviours);

 private:
  enum class Side { features, history, candidates };

  converter::RequestColumn draw_column(std::uint32_t feature, Side side, std::size_t rows);
  void draw_ids(converter::RequestColumn& column, int table, std::size_t count);

  Model model_;
  std::mt19937_64 bits_;
};

}  // namespace dinghy::bench
