// Ids as a matrix, with a row for each candidate or behaviour: read where it lies, and scored as columns are.
#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <limits>
#include <string>

#include "dinghy/isa.h"
#include "tests/engine/c_handles.h"
#include "tests/engine/random_network.h"
#include "tests/engine/random_numbers.h"
#include "tests/engine/request.h"
#include "tests/fuzz/drawn_shape.h"

namespace dinghy::tests {
namespace {

/// The ids of one side of a request as a matrix, `gap` numbers that are no ids behind each row; the rest as columns.
struct Matrix {
  std::vector<std::int64_t> ids;
  std::vector<std::uint32_t> features;
  std::size_t rows, stride;
  Values rest;

  Matrix(const Model& model, const Values& values, std::size_t row_count, std::size_t gap)
      : rows(row_count), rest(values) {
    for (const auto& [name, of] : values.ids) {
      if (values.offsets.contains(name)) continue;
      features.push_back(*model.feature(name));
      rest.ids.erase(name);
    }
    stride = features.size() + gap;
    ids.assign(rows * stride, -12345);
    for (std::size_t c = 0; c < features.size(); ++c) {
      const auto& column = values.ids.at(std::string(model.features()[features[c]].name));
      for (std::size_t r = 0; r < rows; ++r) ids[r * stride + c] = column[r];
    }
  }

  std::vector<Column> columns(const Model& model) const {
    std::vector<Column> all = rest.columns(model);
    for (std::size_t c = 0; c < features.size(); ++c) {
      all.push_back(Column::ids(features[c], ids.data() + c, rows, stride));
    }
    return all;
  }
  dinghy_id_table table() const {
    return {sizeof(dinghy_id_table), ids.data(), rows, features.size(), stride, features.data()};
  }
  /// `table` outlives the result.
  std::vector<dinghy_column> c_columns(const Handles& handles, const dinghy_id_table& table) const {
    std::vector<dinghy_column> all = tests::c_columns(handles, rest);
    all.push_back(dinghy_table(&table));
    return all;
  }
};

/// A request with a click behind it, and the scores before and after.
struct Session {
  std::vector<float> before, before_attention, after, after_attention;
  bool operator==(const Session&) const = default;
};

template <class Columns>
Session run(const Model& model, const char* isa, std::size_t rows, std::size_t length, const Columns& user,
            const Columns& history, const Columns& candidates, const Columns& click) {
  auto state = UserState::create(model, {.max_history = length + 1, .isa = isa});
  auto scorer = Scorer::create(
      model, {.max_candidates = rows, .max_history = length + 1, .isa = isa, .integers = Integers::always});
  Session session{std::vector<float>(rows), {}, std::vector<float>(rows), {}};
  const auto attention = [&] {
    std::size_t weights = 0;
    for (std::size_t i = 0; i < model.interests(); ++i) weights += rows * state->history_length(i);
    return std::vector<float>(weights);
  };
  REQUIRE(state->set(user, history).ok());
  session.before_attention = attention();
  REQUIRE(scorer->score(*state, candidates, session.before, session.before_attention).ok());
  REQUIRE(state->append(click).ok());
  session.after_attention = attention();
  REQUIRE(scorer->rescore(*state, session.after, session.after_attention).ok());
  return session;
}

void check_same(const Shape& shape, std::uint64_t seed, std::size_t rows, std::size_t length) {
  const ModelFile file(shape);
  const Model model = file.open();
  Request request = random_request(model, rows, length, seed);
  const Values click = random_request(model, 1, 1, seed + 1).history;
  const Matrix user(model, request.user, 1, 0), history(model, request.history, length, 3),
      candidates(model, request.candidates, rows, 1), clicked(model, click, 1, 2);
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name, seed);
    const Session expected =
        run(model, isa.name, rows, length, request.user.columns(model), request.history.columns(model),
            request.candidates.columns(model), click.columns(model));
    const Session got = run(model, isa.name, rows, length, user.columns(model), history.columns(model),
                            candidates.columns(model), clicked.columns(model));
    REQUIRE(got == expected);
  }
}

}  // namespace

TEST_CASE("id tables: columns of a matrix score bit for bit as columns", "[scoring]") {
  check_same(Shape{}, 1, 30, 25);
  check_same({.mask = format::Mask::every_id, .dense_and_bag = true, .biases = true}, 2, 7, 20);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    const Shape shape =
        fuzz::draw_shape([&](std::uint32_t bound) { return static_cast<std::uint32_t>(random.below(bound)); });
    if (shape.empty == format::EmptyHistory::reject) continue;
    check_same(shape, seed, 1 + random.below(20), 1 + random.below(30));
  }
}

TEST_CASE("id tables: a C caller's matrix scores as its columns, beside numbers and bags", "[c_api]") {
  const ModelFile file(Shape{.dense_and_bag = true, .biases = true, .content = true});
  const Model model = file.open();
  const Handles handles(file);
  const Request request = random_request(model, 9, 20, 1), click = random_request(model, 9, 1, 2);
  std::vector<float> expected(9), expected_later(9), got(9), later(9);
  REQUIRE(set(handles, request) == DINGHY_OK);
  REQUIRE(score(handles, request, expected, nullptr) == DINGHY_OK);
  const auto clicked = c_columns(handles, click.history);
  REQUIRE(dinghy_user_state_append(handles.user, clicked.data(), clicked.size(), nullptr) == DINGHY_OK);
  REQUIRE(dinghy_scorer_rescore(handles.scorer, handles.user, expected_later.data(), 9, nullptr, 0, nullptr) ==
          DINGHY_OK);

  const Matrix user(model, request.user, 1, 0), history(model, request.history, 20, 2),
      candidates(model, request.candidates, 9, 0), more(model, click.history, 1, 5);
  const dinghy_id_table user_table = user.table(), history_table = history.table(), more_table = more.table();
  dinghy_id_table candidate_table = candidates.table();
  candidate_table.stride = 0;  // one row right behind the other
  const auto u = user.c_columns(handles, user_table), h = history.c_columns(handles, history_table),
             c = candidates.c_columns(handles, candidate_table), m = more.c_columns(handles, more_table);
  REQUIRE(dinghy_user_state_set(handles.user, u.data(), u.size(), h.data(), h.size(), nullptr) == DINGHY_OK);
  REQUIRE(dinghy_scorer_score(handles.scorer, handles.user, c.data(), c.size(), got.data(), 9, nullptr, 0, nullptr) ==
          DINGHY_OK);
  CHECK(got == expected);
  REQUIRE(dinghy_user_state_append(handles.user, m.data(), m.size(), nullptr) == DINGHY_OK);
  REQUIRE(dinghy_scorer_rescore(handles.scorer, handles.user, later.data(), 9, nullptr, 0, nullptr) == DINGHY_OK);
  CHECK(later == expected_later);
  CHECK(dinghy_model_prefetch(handles.model, c.data(), c.size(), nullptr) == DINGHY_OK);
  CHECK(dinghy_model_pin(handles.model, &h.back(), 1, nullptr) != DINGHY_INVALID_ARGUMENT);
}

TEST_CASE("id tables: a matrix without rows is a page without candidates", "[c_api]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Handles handles(file);
  const Request request = random_request(model, 0, 0, 1);
  const Matrix candidates(model, request.candidates, 0, 0), history(model, request.history, 0, 0);
  dinghy_id_table page = candidates.table(), past = history.table();
  page.ids = past.ids = nullptr;
  const dinghy_column c = dinghy_table(&page), h = dinghy_table(&past);
  const auto user = c_columns(handles, request.user);
  REQUIRE(dinghy_user_state_set(handles.user, user.data(), user.size(), &h, 1, nullptr) == DINGHY_OK);
  CHECK(dinghy_scorer_score(handles.scorer, handles.user, &c, 1, nullptr, 0, nullptr, 0, nullptr) == DINGHY_OK);
}

TEST_CASE("id tables: an id without a row is named by its row", "[c_api]") {
  converter::Network network = random_network(Shape{});
  for (auto& table : network.tables) table.missing = format::MissingId::fail;
  const ModelFile file(network);
  const Model model = file.open();
  const Handles handles(file);
  const Request request = random_request(model, 5, 3, 1);
  REQUIRE(set(handles, request) == DINGHY_OK);
  Matrix candidates(model, request.candidates, 5, 1);
  for (std::size_t c = 0; c < candidates.features.size(); ++c) candidates.ids[3 * candidates.stride + c] = 999;
  const dinghy_id_table table = candidates.table();
  const dinghy_column column = dinghy_table(&table);
  float scores[5];
  dinghy_status status;
  CHECK(dinghy_scorer_score(handles.scorer, handles.user, &column, 1, scores, 5, nullptr, 0, &status) ==
        DINGHY_MISSING_ID);
  INFO(status.message);
  CHECK(std::strstr(status.message, "entry 3, id 999, has no row") != nullptr);
}

TEST_CASE("id tables: a matrix that cannot be one is refused, and says why", "[c_api][hostile]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Handles handles(file);
  const Request request = random_request(model, 4, 3, 1);
  REQUIRE(set(handles, request) == DINGHY_OK);
  const Matrix candidates(model, request.candidates, 4, 1);
  struct Newer {
    dinghy_id_table known;
    std::uint64_t unknown;
  } newer{candidates.table(), 0};
  newer.known.struct_size = sizeof newer;
  dinghy_id_table& table = newer.known;
  dinghy_column column = dinghy_table(&table);
  dinghy_code expected = DINGHY_INVALID_ARGUMENT;
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  std::vector<std::uint32_t> features = candidates.features;
  const char* what = "";
  SECTION("no struct") { column.values = nullptr, what = "exactly one"; }
  SECTION("two structs") { column.size = 2, what = "exactly one"; }
  SECTION("offsets") { column.offset_count = 1, what = "offsets"; }
  SECTION("a struct_size that is not set") { table.struct_size = 0, what = "struct_size"; }
  SECTION("a field that this engine does not know") {
    newer.unknown = 1, expected = DINGHY_UNSUPPORTED, what = "newer engine";
  }
  SECTION("no features") { table.features = nullptr, what = "features is NULL"; }
  SECTION("no ids") { table.ids = nullptr, what = "ids is NULL"; }
  SECTION("a stride shorter than a row") { table.stride = 2, what = "smaller than columns"; }
  SECTION("rows beyond memory") { table.rows = kMost, what = "behind the end of memory"; }
  SECTION("rows whose bytes overflow") { table.rows = kMost / 8 / table.stride + 1, what = "behind the end of memory"; }
  SECTION("a stride whose bytes overflow") { table.stride = kMost / 8 + 1, what = "behind the end of memory"; }
  SECTION("the largest stride") { table.stride = kMost, what = "behind the end of memory"; }
  SECTION("ids at an odd address") {
    table.ids = reinterpret_cast<const std::int64_t*>(reinterpret_cast<const char*>(candidates.ids.data()) + 1);
    what = "misaligned";
  }
  SECTION("a struct at an odd address") {
    column.values = reinterpret_cast<const char*>(&table) + 1, what = "struct is misaligned";
  }
  SECTION("feature numbers at an odd address") {
    table.features = reinterpret_cast<const std::uint32_t*>(reinterpret_cast<const char*>(features.data()) + 1);
    what = "features is misaligned";
  }
  SECTION("a feature that does not exist") { features[0] = 99, table.features = features.data(), what = "feature 99"; }
  SECTION("a feature twice") { features[0] = features[1], table.features = features.data(), what = "twice"; }
  SECTION("a feature of the user") {
    features[0] = handles.number("user"), table.features = features.data(), what = "is no feature of";
  }
  SECTION("too few features") { table.columns = 2, what = "is missing"; }
  SECTION("other rows than there are scores") { table.rows = 3, what = "3 candidates, room for 4"; }
  SECTION("more columns than the model has features") {
    features.resize(model.features().size() + 1, 0);
    table.features = features.data(), table.columns = table.stride = features.size(), what = "the model has";
  }
  float scores[4];
  dinghy_status status;
  CHECK(dinghy_scorer_score(handles.scorer, handles.user, &column, 1, scores, 4, nullptr, 0, &status) == expected);
  INFO(status.message);
  CHECK(std::strstr(status.message, what) != nullptr);
}

TEST_CASE("id tables: in C++ too a stride of 0, or one beyond memory, is refused", "[scoring][hostile]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const std::uint32_t item = *model.feature("item");
  const std::int64_t ids[4] = {1, 2, 3, 4};
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  for (const std::size_t stride : {std::size_t{0}, kMost, kMost / 8, kMost / 2 + 1}) {
    CAPTURE(stride);
    const Column column = Column::ids(item, ids, 4, stride);
    CHECK(model.prefetch({&column, 1}).code() == Code::invalid_argument);
    CHECK(model.pin({&column, 1}).code() == Code::invalid_argument);
  }
  const Column one = Column::ids(item, ids, 1, 0);
  CHECK(model.prefetch({&one, 1}).ok());
}

}  // namespace dinghy::tests
