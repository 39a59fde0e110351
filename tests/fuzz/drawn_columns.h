// Columns for any model, sound or hostile: what an application might pass, and what none should.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "dinghy/columns.h"
#include "dinghy/model.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::fuzz {

inline constexpr std::uint64_t kSoundIds = 12;  // from 0 on: the fewest rows of a table of a sample model

/// Which side of a request.
enum class Side { user, history, candidates };

/// Columns with the memory that they point to. Moving keeps them valid, copying is not possible.
class DrawnColumns {
 public:
  /// `rows` rows (the user always has one) of every feature of this side. With `hostility` 0 a sample model (see
  /// sample_models.h) accepts them; with up to 255 more and more of the columns are missing, repeated, of a wrong kind
  /// or length or feature, and more and more of the values are ids without a row, NaN, infinities, odd strings and
  /// offsets, and remote features have rows, sound and damaged ones.
  DrawnColumns(const Model& model, Side side, std::size_t rows, unsigned hostility, tests::Random& random);
  DrawnColumns(DrawnColumns&&) = default;
  DrawnColumns& operator=(DrawnColumns&&) = default;

  Columns columns() const { return columns_; }

 private:
  bool hostile() { return random_->below(256) < hostility_; }
  std::int64_t id();
  float number();
  std::string_view string();
  std::span<const std::uint32_t> offsets(std::size_t rows, std::size_t& values);
  void add(std::uint32_t number, const Feature& feature, std::size_t rows);
  void add_rows(const Feature& feature, Column& column);
  void add_values(std::uint32_t number, FeatureKind kind, bool strings, std::size_t values,
                  std::span<const std::uint32_t> offsets);

  tests::Random* random_;
  unsigned hostility_;
  const Model* model_;
  Side side_;
  std::vector<Column> columns_;
  std::deque<std::vector<std::int64_t>> ids_;
  std::deque<std::vector<float>> numbers_;
  std::deque<std::vector<std::uint32_t>> offsets_;
  std::deque<std::string> strings_;
  std::deque<std::vector<std::string_view>> views_;
  std::deque<std::vector<std::byte>> blocks_;
};

}  // namespace dinghy::fuzz
