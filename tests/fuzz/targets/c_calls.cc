// Any sequence of calls on the C API: handles that are there or NULL, options and columns that are right or wrong.
#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <iterator>
#include <vector>

#include "dinghy/dinghy.h"
#include "schema/row_block.h"
#include "tests/fuzz/sample_models.h"

namespace dinghy::fuzz {
namespace {

constexpr std::size_t kHandles = 3;

class Session {
 public:
  explicit Session(FuzzedDataProvider& data) : data_(data) { ids_.fill(3); }
  ~Session() {
    for (dinghy_scorer* scorer : scorers_) dinghy_scorer_free(scorer);
    for (dinghy_user_state* user : users_) dinghy_user_state_free(user);
    for (dinghy_model* model : models_) dinghy_model_free(model);
  }

  void run() {
    constexpr void (Session::* kCalls[])() = {&Session::open,          &Session::copy,    &Session::create_user,
                                              &Session::create_scorer, &Session::set,     &Session::append,
                                              &Session::score,         &Session::rescore, &Session::ask};
    open();
    create_user();
    create_scorer();
    for (int calls = 0; calls < 60 && data_.remaining_bytes() > 0; ++calls) {
      (this->*kCalls[data_.ConsumeIntegral<std::uint8_t>() % std::size(kCalls)])();
    }
  }

 private:
  std::size_t pick(std::size_t count) { return data_.ConsumeIntegral<std::uint8_t>() % count; }
  bool rarely() { return pick(16) == 15; }
  dinghy_status* status() { return rarely() ? nullptr : &status_; }
  template <class Handle>
  Handle*& handle(std::array<Handle*, kHandles>& handles) {
    return handles[pick(kHandles)];
  }
  template <class Handle, class Free>
  static void replace(Handle*& old, Handle* made, Free free) {
    free(old);
    old = made;
  }

  void open() {
    const auto& samples = sample_models();
    const auto bytes = samples[pick(samples.size())].span();
    dinghy_model* model = nullptr;
    dinghy_model_from_memory(bytes.data(), rarely() ? pick(256) : bytes.size(), &model, status());
    replace(handle(models_), model, dinghy_model_free);
  }
  void copy() {
    const dinghy_model* const model = handle(models_);
    if (model != nullptr) replace(handle(models_), dinghy_model_copy(model), dinghy_model_free);
  }
  template <class Options>
  const Options* wrong_options(Options& options) {
    options.struct_size = rarely() ? data_.ConsumeIntegralInRange<std::size_t>(0, sizeof options) : sizeof options;
    options.isa = rarely() ? "no such ISA" : dinghy_isa_name(pick(6));
    return rarely() ? nullptr : &options;
  }
  void create_user() {
    dinghy_user_options options{};
    options.max_history = pick(40);
    dinghy_user_state* user = nullptr;
    const dinghy_model* const model = handle(models_);
    const dinghy_user_options* const given = wrong_options(options);
    std::size_t bytes = 0;
    const dinghy_code code = dinghy_user_state_create(model, given, &user, status());
    if (dinghy_user_state_size(model, given, &bytes, status()) != code) std::abort();
    replace(handle(users_), user, dinghy_user_state_free);
  }
  void create_scorer() {
    dinghy_scorer_options options{};
    options.max_candidates = pick(40);
    options.max_history = pick(40);
    dinghy_scorer* scorer = nullptr;
    const dinghy_model* const model = handle(models_);
    const dinghy_scorer_options* const given = wrong_options(options);
    std::size_t bytes = 0;
    const dinghy_code code = dinghy_scorer_create(model, given, &scorer, status());
    if (dinghy_scorer_size(model, given, &bytes, status()) != code) std::abort();
    replace(handle(scorers_), scorer, dinghy_scorer_free);
  }

  /// A column of every feature of model 0 with a role below or from `candidate`, `rows` rows; some are wrong.
  std::vector<dinghy_column> columns(bool candidates, std::size_t rows) {
    std::vector<dinghy_column> result;
    const dinghy_model* const model = models_[0];
    for (std::size_t f = 0; model != nullptr && f < dinghy_model_feature_count(model); ++f) {
      dinghy_feature feature{};
      feature.struct_size = sizeof feature;
      dinghy_model_feature(model, f, &feature, nullptr);
      if ((feature.role >= DINGHY_ROLE_CANDIDATE) != candidates) continue;
      result.push_back(column(static_cast<std::uint32_t>(f), feature, rows));
      const std::uint64_t version = candidates ? feature.remote_version : feature.remote_history_version;
      if (feature.remote_version != 0 && pick(2) == 0) result.back() = with_rows(result.back(), version);
    }
    if (pick(4) == 0) gather_table(result, rows);
    return result;
  }
  /// Puts the columns of ids into one table; some are wrong. What it says has to lie inside the ids here, unless it
  /// cannot lie in any memory: pointers are the caller's promise.
  void gather_table(std::vector<dinghy_column>& columns, std::size_t rows) {
    features_.clear();
    std::erase_if(columns, [&](const dinghy_column& column) {
      const bool taken = column.kind == DINGHY_COLUMN_IDS && column.offsets == nullptr && features_.size() < 4;
      if (taken) features_.push_back(column.feature);
      return taken;
    });
    const std::size_t width = features_.size(), stride = width + pick(2);
    table_ = {sizeof table_, matrix_.data(), rows, width, stride, features_.data()};
    if (rarely()) table_.struct_size = pick(2 * sizeof table_);
    if (table_.struct_size > sizeof table_) table_.struct_size = sizeof table_;
    if (rarely()) table_.stride = pick(width + 1);
    if (rarely()) table_.stride = SIZE_MAX / (1 + pick(8));
    if (rarely()) table_.rows = SIZE_MAX / (1 + pick(8));
    if (rarely()) table_.ids = nullptr;
    if (rarely()) table_.features = nullptr;
    if (rarely()) matrix_[pick(matrix_.size())] = data_.ConsumeIntegral<std::int64_t>();
    columns.push_back(dinghy_table(&table_));
    if (rarely()) columns.back().values = nullptr;
    if (rarely()) columns.back().size = pick(3);
  }
  dinghy_column column(std::uint32_t number, const dinghy_feature& feature, std::size_t rows) {
    if (rarely()) ids_[pick(ids_.size())] = data_.ConsumeIntegral<std::int64_t>();
    if (rarely()) offsets_[pick(offsets_.size())] = data_.ConsumeIntegral<std::uint32_t>();
    if (rarely()) number = data_.ConsumeIntegral<std::uint8_t>();
    dinghy_column column = dinghy_ids(number, ids_.data(), rows);
    if (feature.kind == DINGHY_FEATURE_DENSE) {
      column = dinghy_numbers(number, numbers_.data(), rows * feature.dense_width % numbers_.size());
    } else if (feature.string_ids) {
      column = dinghy_strings(number, strings_.data(), rows);
    } else if (feature.kind == DINGHY_FEATURE_BAG) {
      column = dinghy_bags(number, ids_.data(), ids_.size(), offsets_.data(), rows + 1);
    }
    if (rarely()) column.values = nullptr;
    if (rarely()) column.offset_count = pick(offsets_.size());
    if (rarely()) column.kind = data_.ConsumeIntegral<std::int8_t>();
    if (column.kind == DINGHY_COLUMN_STRINGS) column.values = strings_.data();  // a pointer is the caller's promise
    // A pointer to a struct is one too: see gather_table() and with_rows().
    if (column.kind == DINGHY_COLUMN_TABLE || column.kind == DINGHY_COLUMN_ROWS) column.kind = DINGHY_COLUMN_ROWS + 1;
    if (column.kind != DINGHY_COLUMN_IDS) column.size = std::min(column.size, numbers_.size() / 4);
    return column;
  }

  /// Rows of f32 for the values of a remote feature; some are wrong.
  dinghy_column with_rows(const dinghy_column& keys, std::uint64_t version) {
    const auto width = static_cast<std::uint32_t>(4 + 4 * pick(2)), count = static_cast<std::uint32_t>(pick(60));
    std::vector<unsigned char>& block = blocks_.emplace_back(format::kRowBlockFront + count * width * sizeof(float));
    format::write_row_block_front({.version = version, .width = width, .count = count, .form = format::RowForm::f32},
                                  block.data());
    if (rarely()) block[pick(block.size())] = data_.ConsumeIntegral<std::uint8_t>();
    if (rarely()) block.resize(pick(block.size()));
    std::vector<std::uint32_t>& which = which_.emplace_back(keys.size);
    for (std::uint32_t& row : which)
      row = rarely() ? DINGHY_NO_ROW : static_cast<std::uint32_t>(pick(64) % (count | 1));
    dinghy_rows& rows = rows_.emplace_back();
    rows = {sizeof rows, keys, block.data(), block.size(), which.data()};
    if (rarely()) rows.struct_size = pick(sizeof rows + 1);
    if (rarely()) rows.keys.values = nullptr;
    if (rarely()) rows.which = nullptr;
    if (rarely()) rows.block = nullptr;
    return dinghy_with_rows(&rows);
  }

  void set() {
    const auto features = columns(false, 1), history = columns(true, pick(50));
    dinghy_user_state_set(handle(users_), features.data(), features.size(), history.data(), history.size(), status());
  }
  void append() {
    const auto clicks = columns(true, pick(3));
    dinghy_user_state_append(handle(users_), clicks.data(), clicks.size(), status());
  }
  void score() {
    const std::size_t rows = pick(50);
    const auto candidates = columns(true, rows);
    std::vector<float> attention(attention_size(rows));
    dinghy_scorer_score(handle(scorers_), handle(users_), candidates.data(), candidates.size(), scores_.data(), rows,
                        rarely() ? nullptr : attention.data(), attention.size(), status());
  }
  void rescore() {
    const std::size_t rows = pick(50);
    dinghy_scorer_rescore(handle(scorers_), handle(users_), scores_.data(), rows, nullptr, 0, status());
  }
  std::size_t attention_size(std::size_t rows) {
    return users_[0] == nullptr ? pick(200) : rows * dinghy_user_state_history_length(users_[0], pick(3));
  }
  void ask() {
    const dinghy_model* const model = handle(models_);
    const auto all = columns(true, pick(10));
    dinghy_model_prefetch(model, all.data(), all.size(), status());
    dinghy_model_verify(model, status());
    if (model == nullptr) return;
    (void)std::strlen(dinghy_model_name(model));
    (void)std::strlen(dinghy_model_version(model));
    (void)dinghy_model_id(model);
    std::vector<char> text(pick(8) == 0 ? pick(200) : dinghy_model_describe(model, nullptr, 0));
    const std::size_t size = dinghy_model_describe(model, text.data(), text.size());
    if (!text.empty() && std::strlen(text.data()) != (size > text.size() ? 0 : size - 1)) std::abort();
    dinghy_feature feature{};
    feature.struct_size = data_.ConsumeIntegralInRange<std::size_t>(0, sizeof feature);
    dinghy_model_feature(model, pick(20), &feature, status());
    (void)dinghy_model_missing_ids(model, static_cast<std::uint32_t>(pick(dinghy_model_feature_count(model))));
    (void)dinghy_model_feature_number(model, rarely() ? nullptr : "item");
  }

  FuzzedDataProvider& data_;
  dinghy_status status_{};
  std::array<dinghy_model*, kHandles> models_{};
  std::array<dinghy_user_state*, kHandles> users_{};
  std::array<dinghy_scorer*, kHandles> scorers_{};
  std::array<std::int64_t, 64> ids_{};
  std::array<std::int64_t, 256 * 8> matrix_{};
  std::vector<std::uint32_t> features_;
  dinghy_id_table table_{};
  std::deque<std::vector<unsigned char>> blocks_;
  std::deque<std::vector<std::uint32_t>> which_;
  std::deque<dinghy_rows> rows_;
  std::array<float, 256> numbers_{};
  std::array<dinghy_string, 64> strings_{};
  std::array<std::uint32_t, 64> offsets_{};
  std::array<float, 64> scores_{};
};

}  // namespace
}  // namespace dinghy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  dinghy::fuzz::Session(data).run();
  return 0;
}
