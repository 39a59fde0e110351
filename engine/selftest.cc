// Model::selftest(): the golden rows of the file, scored on this device.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "dinghy/dinghy.h"
#include "dinghy/scorer.h"
#include "dinghy/user_state.h"
#include "engine/c_api_columns.h"
#include "engine/format/golden_requests.h"
#include "engine/left_out.h"
#include "engine/memory/array.h"
#include "engine/network/columns.h"
#include "engine/network/network.h"
#include "schema/golden_bounds.h"

namespace dinghy {
namespace {

using format::GoldenColumn;
using format::GoldenRequest;
using ColumnVector = flatbuffers::Vector<flatbuffers::Offset<GoldenColumn>>;

Status no_memory() noexcept { return Status::error(Code::out_of_memory, "no memory for the golden rows"); }

/// What a call made of a golden row: what it refuses is wrong with the file, not with an argument.
Status of_row(const GoldenRequest& row, const Status& status) noexcept {
  if (status.ok() || status.code() == Code::out_of_memory) return status;
  return Status::error(Code::bad_file, "golden row %u: %s", row.line(), status.message());
}

/// One side of a row as callers pass it. The values stay in the file.
class RowColumns {
 public:
  Status read(const ColumnVector* from, Columns& columns) noexcept {
    const std::size_t count = from == nullptr ? 0 : from->size();
    std::size_t strings = 0;
    for (std::uint32_t i = 0; i < count; ++i) strings += from->Get(i)->strings() ? from->Get(i)->strings()->size() : 0;
    if (!columns_.allocate(count) || !strings_.allocate(strings) || !buffer_.allocate(count)) {
      return no_memory();
    }
    dinghy_string* room = strings_.begin();
    for (std::uint32_t i = 0; i < count; ++i) columns_[i] = column(*from->Get(i), room);
    return buffer_.convert(columns_.begin(), count, columns);
  }

 private:
  static dinghy_column column(const GoldenColumn& from, dinghy_string*& room) noexcept {
    dinghy_column to{};
    to.feature = from.feature();
    if (const auto* const offsets = from.offsets()) {
      to.offsets = offsets->data();
      to.offset_count = offsets->size();
    }
    if (const auto* const strings = from.strings()) {
      to.kind = DINGHY_COLUMN_STRINGS;
      to.values = room;
      to.size = strings->size();
      for (const flatbuffers::String* string : *strings) *room++ = {string->c_str(), string->size()};
    } else if (const auto* const numbers = from.numbers()) {
      to.kind = DINGHY_COLUMN_NUMBERS;
      to.values = numbers->data();
      to.size = numbers->size();
    } else {
      to.kind = DINGHY_COLUMN_IDS;
      to.values = from.ids()->data();
      to.size = from.ids()->size();
    }
    return to;
  }

  Array<dinghy_column> columns_;
  Array<dinghy_string> strings_;
  c_api::ColumnBuffer buffer_;
};

/// The most behaviours of a row.
Status history_of(const network::Model& model, const GoldenRequest& row, std::size_t& most) noexcept {
  RowColumns history;
  Columns columns;
  if (Status status = history.read(row.history(), columns); !status) return of_row(row, status);
  for (const Column& column : columns) {
    if (column.feature() >= model.features.size()) continue;  // set() names it
    most = std::max(most, network::rows_of(model.features[column.feature()], column));
  }
  return Status();
}

/// The number that is furthest beyond its tolerance.
class Worst {
 public:
  void note(const char* what, const GoldenRequest& row, std::size_t candidate, double expected, float got,
            double tolerance) noexcept {
    const double distance = std::fabs(static_cast<double>(got) - expected);
    if (distance <= tolerance) return;  // not so for a NaN
    if (what_ != nullptr && distance <= distance_) return;
    what_ = what;
    line_ = row.line();
    candidate_ = candidate;
    expected_ = expected;
    got_ = static_cast<double>(got);
    distance_ = distance;
    tolerance_ = tolerance;
  }

  Status status(std::string_view isa) const noexcept {
    if (what_ == nullptr) return Status();
    return Status::error(Code::wrong_scores,
                         "%.*s: %s of golden row %u, candidate %zu: %.8g instead of %.8g (off by %.2g, at most %.2g)",
                         static_cast<int>(isa.size()), isa.data(), what_, line_, candidate_, got_, expected_, distance_,
                         tolerance_);
  }

 private:
  const char* what_ = nullptr;
  std::uint32_t line_ = 0;
  std::size_t candidate_ = 0;
  double expected_ = 0, got_ = 0, distance_ = 0, tolerance_ = 0;
};

/// The user state and the scorer of all rows, and what they gave last.
class GoldenScorer {
 public:
  GoldenScorer(const Model& model, UserState user, Scorer scorer, const format::Golden& golden) noexcept
      : model_(model),
        user_(std::move(user)),
        scorer_(std::move(scorer)),
        score_tolerance_(format::score_tolerance(golden.tolerance(), scorer_.isa() == "reference")),
        attention_tolerance_(format::attention_tolerance(golden.attention_tolerance() > 0 ? golden.attention_tolerance()
                                                                                          : golden.tolerance())) {}

  std::string_view isa() const noexcept { return scorer_.isa(); }

  Status compare(const GoldenRequest& row, Worst& worst) noexcept {
    if (Status status = score(row); !status) return status;
    for (std::uint32_t n = 0; n < scores_.size(); ++n) {
      worst.note("the score", row, n, row.scores()->Get(n), scores_[n], score_tolerance_);
    }
    std::size_t weight = 0;
    for (std::size_t i = 0; i < model_.interests() && !attention_.empty(); ++i) {
      const std::size_t length = user_.history_length(i);
      for (std::size_t w = 0; w < scores_.size() * length; ++w, ++weight) {
        const double expected = static_cast<double>(row.attention()->Get(static_cast<std::uint32_t>(weight)));
        worst.note("an attention weight", row, w / length, expected, attention_[weight], attention_tolerance_);
      }
    }
    return Status();
  }

 private:
  Status score(const GoldenRequest& row) noexcept {
    Columns features, history, candidates;
    Status status = features_.read(row.features(), features);
    if (status.ok()) status = history_.read(row.history(), history);
    if (status.ok()) status = candidates_.read(row.candidates(), candidates);
    if (status.ok()) status = user_.set(features, history);
    if (!status) return of_row(row, status);
    if (status = allocate(row); !status) return status;
    return of_row(row, scorer_.score(user_, candidates, {scores_.begin(), scores_.size()},
                                     {attention_.begin(), attention_.size()}));
  }

  /// Makes room for the scores of a row, and for its weights where it has some. The user is set.
  Status allocate(const GoldenRequest& row) noexcept {
    const std::size_t candidates = row.scores()->size();
    std::size_t given = row.attention() == nullptr ? 0 : row.attention()->size(), weights = 0;
    for (std::size_t i = 0; i < model_.interests(); ++i) weights += candidates * user_.history_length(i);
    if (given != 0 && given != weights) {
      return Status::error(Code::bad_file, "golden row %u: %zu attention weights; the model gives %zu", row.line(),
                           given, weights);
    }
    return scores_.allocate(candidates) && attention_.allocate(given) ? Status() : no_memory();
  }

  const Model& model_;
  UserState user_;
  Scorer scorer_;
  double score_tolerance_, attention_tolerance_;
  RowColumns features_, history_, candidates_;
  Array<float> scores_, attention_;
};

}  // namespace

Status Model::selftest(std::string_view isa) const noexcept {
  if (!kHasSelftest) return Status::error(Code::unsupported, "selftest: this build of the engine is without it");
  if (model_->golden_columns.empty()) {
    return Status::error(Code::unsupported, "the file has no golden rows for the engine; convert again with --check");
  }
  format::AlignedMetadata copy;
  std::span<const std::byte> columns;
  const format::GoldenRequests* requests = nullptr;
  if (Status status = copy.align(model_->golden_columns, columns); !status) return status;
  if (Status status = format::read_golden_requests(columns, requests); !status) return status;
  std::size_t candidates = 1, history = 1;
  for (const GoldenRequest* row : *requests->requests()) {
    candidates = std::max<std::size_t>(candidates, row->scores()->size());
    if (Status status = history_of(*model_, *row, history); !status) return status;
  }
  if (history > format::kMaxGoldenHistory) {
    return Status::error(Code::bad_file, "golden: over %zu behaviours", format::kMaxGoldenHistory);
  }
  if (trained_history() != 0) history = std::min(history, trained_history());
  Result<UserState> user = UserState::create(*this, {.max_history = history, .isa = isa});
  if (!user) return user.status();
  // In integers, if the model names them: what is tested is the arithmetic that the tolerance is for.
  Result<Scorer> scorer = Scorer::create(
      *this, {.max_candidates = candidates, .max_history = history, .isa = isa, .integers = Integers::always});
  if (!scorer) return scorer.status();
  GoldenScorer rows(*this, std::move(*user), std::move(*scorer), *model_->file.model().golden());
  Worst worst;
  for (const GoldenRequest* row : *requests->requests()) {
    if (Status status = rows.compare(*row, worst); !status) return status;
  }
  return worst.status(rows.isa());
}

}  // namespace dinghy
