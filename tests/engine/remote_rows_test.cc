// Rows that come with the calls: a model whose tables are elsewhere scores as the one that has them, and refuses rows
// that it cannot score.
#include <algorithm>
#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstring>
#include <deque>
#include <limits>

#include "dinghy/isa.h"
#include "dinghy/pair_memo.h"
#include "schema/row_block.h"
#include "tests/engine/c_handles.h"
#include "tests/engine/device_network.h"
#include "tests/engine/hostile/refusal.h"
#include "tests/engine/random_network.h"
#include "tests/engine/random_numbers.h"
#include "tests/engine/request.h"
#include "tests/engine/sent_rows.h"
#include "tests/fuzz/drawn_shape.h"

namespace dinghy::tests {
namespace {

using Catch::Matchers::ContainsSubstring;
using Side = EmbeddingTable::Side;

/// A network as a whole model and as a device's.
struct Pair {
  explicit Pair(const converter::Network& network)
      : whole_file(network),
        whole(whole_file.open()),
        device_file(device_network(network, whole, 0)),
        device(device_file.open()) {}
  explicit Pair(const Shape& shape) : Pair(random_network(shape)) {}

  std::uint32_t feature(const char* name) const { return *device.feature(name); }

  ModelFile whole_file;
  Model whole;
  ModelFile device_file;
  Model device;
};

struct Outcome {
  Status status;
  std::vector<std::uint32_t> bits;
};

/// Scores of the whole history, then after its last behaviour came once more; with a memo where one is given.
Outcome session(const Pair& pair, const Model& model, const Request& request, Sent sent, const std::string& isa,
                const PairMemo* memo = nullptr) {
  SentRows rows(pair.whole, model, sent);
  auto user = UserState::create(model, {.max_history = request.length + 1, .isa = isa});
  auto scorer = Scorer::create(model, {.max_candidates = request.rows,
                                       .max_history = request.length + 1,
                                       .isa = isa,
                                       .integers = Integers::always,
                                       .memo = memo});
  INFO(scorer.status().message());
  REQUIRE(scorer.ok());
  Outcome outcome;
  const auto keep = [&](auto score) {
    std::size_t weights = 0;
    for (std::size_t i = 0; i < model.interests(); ++i) weights += request.rows * user->history_length(i);
    std::vector<float> scores(request.rows), attention(weights);
    outcome.status = score(scores, attention);
    for (const float number : scores) outcome.bits.push_back(std::bit_cast<std::uint32_t>(number));
    for (const float number : attention) outcome.bits.push_back(std::bit_cast<std::uint32_t>(number));
    return outcome.status.ok();
  };
  outcome.status = user->set(rows.columns(request.user.columns(model), Side::request),
                             rows.columns(request.history.columns(model), Side::history));
  if (!outcome.status) return outcome;
  const auto candidates = rows.columns(request.candidates.columns(model), Side::request);
  const bool scored =
      keep([&](auto& scores, auto& attention) { return scorer->score(*user, candidates, scores, attention); });
  if (!scored || request.length == 0) return outcome;
  outcome.status = user->append(rows.columns(behaviors(request, request.length - 1, 1).columns(model), Side::history));
  if (!outcome.status) return outcome;
  keep([&](auto& scores, auto& attention) { return scorer->rescore(*user, scores, attention); });
  return outcome;
}

void check_split(const Pair& pair, const Request& request, const std::string& isa) {
  const Outcome expected = session(pair, pair.whole, request, Sent::ids, isa);
  const Outcome got = session(pair, pair.device, request, Sent::rows_and_ids, isa);
  INFO(got.status.message());
  REQUIRE(got.status.code() == expected.status.code());
  CHECK(got.bits == expected.bits);
  const Outcome alone = session(pair, pair.device, request, Sent::rows, isa);
  INFO(alone.status.message());
  if (alone.status.code() == Code::invalid_argument) {
    CHECK_THAT(alone.status.message(), ContainsSubstring("takes integer ids beside the rows that came"));
  } else {
    CHECK(alone.bits == expected.bits);
  }
}

/// One candidate's block, changed by `change`, as the code and the message of score().
template <class Change>
Status scored_with(const Pair& pair, Change change) {
  const Request request = random_request(pair.device, 3, 2, 1);
  const auto table = EmbeddingTable::of(pair.whole, pair.feature("item"));
  SentRows rows(pair.whole, pair.device, Sent::rows_and_ids);
  auto user = UserState::create(pair.device, {});
  auto scorer = Scorer::create(pair.device, {});
  REQUIRE(user->set(rows.columns(request.user.columns(pair.device), Side::request),
                    rows.columns(request.history.columns(pair.device), Side::history))
              .ok());
  std::vector<Column> candidates = rows.columns(request.candidates.columns(pair.device), Side::request);
  Column& item = *std::ranges::find(candidates, pair.feature("item"), &Column::feature);
  std::vector<std::byte> block(item.block().begin(), item.block().end());
  std::vector<std::uint32_t> which(item.which().begin(), item.which().end());
  change(block, which);
  item = item.with_rows(block, which);
  std::vector<float> scores(3);
  return scorer->score(*user, candidates, scores);
}

template <class Change>
void refuses(const Pair& pair, Code code, const char* message, Change change) {
  const Status status = scored_with(pair, change);
  CAPTURE(message);
  CHECK(status.code() == code);
  CHECK_THAT(status.message(), ContainsSubstring(message));
}

/// Rows for the columns of a request, by the C API.
class CSentRows {
 public:
  CSentRows(const Handles& whole, const Handles& device) : whole_(whole), device_(device) {}

  std::vector<dinghy_column> columns(const Values& values, bool history, bool with_ids) {
    std::vector<dinghy_column> columns = c_columns(device_, values);
    for (dinghy_column& column : columns) column = with_rows(column, history, with_ids);
    return columns;
  }

 private:
  dinghy_column with_rows(dinghy_column keys, bool history, bool with_ids) {
    dinghy_embedding_table* table = nullptr;
    REQUIRE(dinghy_embedding_table_create(whole_.model, keys.feature, history, &table, nullptr) == DINGHY_OK);
    auto& block = blocks_.emplace_back(dinghy_embedding_table_block_size(table, keys.size));
    auto& which = which_.emplace_back(keys.size);
    std::size_t written = 0;
    REQUIRE(dinghy_embedding_table_write(table, &keys, block.data(), block.size(), which.data(), &written, nullptr) ==
            DINGHY_OK);
    CHECK(written == block.size());
    CHECK(block.size() ==
          dinghy_embedding_table_block_size(table, 0) + keys.size * dinghy_embedding_table_row_bytes(table));
    dinghy_embedding_table_free(table);
    if (!with_ids) keys.values = nullptr;
    rows_.push_back({sizeof(dinghy_rows), keys, block.data(), written, which.data()});
    return dinghy_with_rows(&rows_.back());
  }

  const Handles& whole_;
  const Handles& device_;
  std::deque<std::vector<std::byte>> blocks_;
  std::deque<std::vector<std::uint32_t>> which_;
  std::deque<dinghy_rows> rows_;
};

using Block = std::vector<std::byte>;
using Which = std::vector<std::uint32_t>;

format::RowBlockFront front_of(const Block& block) {
  format::RowBlockFront front{};
  REQUIRE(format::read_row_block_front(reinterpret_cast<const unsigned char*>(block.data()), front));
  return front;
}

void set_front(Block& block, const format::RowBlockFront& front) {
  format::write_row_block_front(front, reinterpret_cast<unsigned char*>(block.data()));
}

template <class Number>
void put(Block& block, std::size_t offset, Number number) {
  std::memcpy(block.data() + offset, &number, sizeof number);
}

}  // namespace

TEST_CASE("remote rows: drawn networks score as those that have all their tables", "[remote]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Shape shape =
        fuzz::draw_shape([&](std::uint32_t bound) { return static_cast<std::uint32_t>(random.below(bound)); });
    const Pair pair(shape);
    const Request request = random_request(pair.device, 1 + random.below(20), random.below(40), seed, seed % 2 == 0);
    for (const Isa& isa : isas()) {
      if (!isa.available) continue;
      CAPTURE(isa.name);
      check_split(pair, request, isa.name);
    }
  }
}

TEST_CASE("remote rows: with a memo the scores are the same, and pairs are found again", "[remote][memo]") {
  Shape shape;
  shape.encoded = true;
  const Pair pair(shape);
  const Request request = random_request(pair.device, 20, 30, 7);
  for (const Isa& isa : isas()) {
    if (!isa.available || std::string_view(isa.name) == "reference") continue;
    const auto memo = PairMemo::create(pair.device, {.isa = isa.name, .integers = Integers::always});
    REQUIRE(memo.ok());
    const Outcome expected = session(pair, pair.whole, request, Sent::ids, isa.name);
    CHECK(session(pair, pair.device, request, Sent::rows, isa.name, &*memo).bits == expected.bits);
    const std::uint64_t computed = memo->counters().computed;
    CHECK(session(pair, pair.device, request, Sent::rows, isa.name, &*memo).bits == expected.bits);
    CHECK(memo->counters().computed == computed);
  }
}

TEST_CASE("remote rows: a table in f32 may be sent as such whatever the model's encoding is", "[remote]") {
  Shape shape;
  shape.encoded = true;
  const Pair pair(shape);
  const auto table = EmbeddingTable::of(pair.whole, pair.feature("item"));
  const Outcome expected = session(pair, pair.whole, random_request(pair.device, 3, 2, 1), Sent::ids, "");
  CHECK(scored_with(pair, [&](Block& block, Which&) {
          const format::RowBlockFront front = front_of(block);
          Block wide(format::kRowBlockFront + front.count * front.width * sizeof(float));
          set_front(
              wide,
              {.version = front.version, .width = front.width, .count = front.count, .form = format::RowForm::f32});
          for (std::uint32_t row = 0; row < front.count; ++row) {
            std::vector<float> numbers(front.width);
            format::decode_row(front.form, block.data() + format::kRowBlockFront + row * table->row_bytes(),
                               front.width, numbers.data());
            std::memcpy(wide.data() + format::kRowBlockFront + row * front.width * sizeof(float), numbers.data(),
                        front.width * sizeof(float));
          }
          block = wide;
        }).ok());
  CHECK(expected.status.ok());
}

TEST_CASE("remote rows: what is no block of this table is refused by name", "[remote]") {
  const Pair pair{Shape{}};
  refuses(pair, Code::invalid_argument, "item: the rows that came are no block of rows: damaged or cut",
          [](Block& block, Which&) { block.resize(format::kRowBlockFront - 1); });
  refuses(pair, Code::invalid_argument, "are no block of rows", [](Block& block, Which&) { block.clear(); });
  refuses(pair, Code::invalid_argument, "are no block of rows", [](Block& block, Which&) { block[0] ^= std::byte{1}; });
  refuses(pair, Code::invalid_argument, "are no block of rows",
          [](Block& block, Which&) { block[format::kRowBlockFront - 1] = std::byte{1}; });
  refuses(pair, Code::invalid_argument, "fewer or more bytes than their front says: cut",
          [](Block& block, Which&) { block.pop_back(); });
  refuses(pair, Code::invalid_argument, "fewer or more bytes than their front says: cut",
          [](Block& block, Which&) { block.push_back(std::byte{0}); });
  refuses(pair, Code::version_mismatch, "item: the rows that came are of version", [](Block& block, Which&) {
    format::RowBlockFront front = front_of(block);
    ++front.version;
    set_front(block, front);
  });
  refuses(pair, Code::invalid_argument, "have another width than the model's", [](Block& block, Which&) {
    format::RowBlockFront front = front_of(block);
    ++front.width;
    set_front(block, front);
  });
  refuses(pair, Code::invalid_argument, "are in another encoding than the model's, and not in f32",
          [](Block& block, Which&) {
            format::RowBlockFront front = front_of(block);
            front.form = format::RowForm::f16;
            set_front(block, front);
          });
  refuses(pair, Code::invalid_argument, "item: value 1 has row 3 of the 3 that came",
          [](Block&, Which& which) { which[1] = 3; });
  refuses(pair, Code::invalid_argument, "item: 3 values, but 2 say which row came for them",
          [](Block&, Which& which) { which.pop_back(); });
  refuses(pair, Code::missing_id, "item: entry 2, id ", [](Block&, Which& which) { which[2] = Column::kNoRow; });
  refuses(pair, Code::missing_id, "came without a row, and the model has none",
          [](Block&, Which& which) { which[2] = Column::kNoRow; });
}

TEST_CASE("remote rows: what is not finite is refused by row, in every encoding", "[remote]") {
  const float kBad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
  converter::Network network = random_network(Shape{});
  const auto refused = [&](format::Encoding encoding, format::ScaleType scale, auto change) {
    for (converter::Table& table : network.tables) {
      table.encoding = encoding;
      table.scale_type = scale;
    }
    const Pair pair(network);
    const std::size_t row_bytes = EmbeddingTable::of(pair.whole, pair.feature("item"))->row_bytes();
    refuses(pair, Code::invalid_argument, "item: row 1 that came holds a NaN or an infinity",
            [&](Block& block, Which&) { change(block, format::kRowBlockFront + 2 * row_bytes); });
  };
  for (const float bad : kBad) {
    refused(format::Encoding::f32, format::ScaleType::none,
            [=](Block& block, std::size_t end) { put(block, end - 4, bad); });
    for (const std::size_t back : {4u, 8u}) {  // bias and scale
      refused(format::Encoding::i8, format::ScaleType::f32,
              [=](Block& block, std::size_t end) { put(block, end - back, bad); });
    }
  }
  refused(format::Encoding::i8, format::ScaleType::f32,
          [](Block& block, std::size_t end) { put(block, end - 8, 1e38f); });
  for (const std::uint16_t bad : {std::uint16_t{0x7c00}, std::uint16_t{0xfe00}}) {
    refused(format::Encoding::f16, format::ScaleType::none,
            [=](Block& block, std::size_t end) { put(block, end - 2, bad); });
    for (const std::size_t back : {2u, 4u}) {
      refused(format::Encoding::i8, format::ScaleType::f16,
              [=](Block& block, std::size_t end) { put(block, end - back, bad); });
      refused(format::Encoding::i4, format::ScaleType::f16,
              [=](Block& block, std::size_t end) { put(block, end - back, bad); });
    }
  }
}

TEST_CASE("remote rows: a value without a row follows the model's policy, and is counted", "[remote]") {
  converter::Network network = random_network(Shape{});
  for (converter::Table& table : network.tables) {
    table.missing = format::MissingId::row;
    table.missing_row = 3;
  }
  const Pair pair(network);
  CHECK(scored_with(pair, [](Block&, Which& which) { which.assign(3, Column::kNoRow); }).ok());
  CHECK(pair.device.missing_ids(pair.feature("item")) == 3);
}

TEST_CASE("remote rows: in C they come as in C++, with ids and alone", "[remote][c_api]") {
  const Pair pair{Shape{}};
  const Handles whole(pair.whole_file), device(pair.device_file);
  const Request request = random_request(pair.device, 5, 4, 3);
  std::vector<float> expected(5), got(5);
  REQUIRE(set(whole, request) == DINGHY_OK);
  REQUIRE(score(whole, request, expected, nullptr) == DINGHY_OK);
  CSentRows rows(whole, device);
  for (const bool with_ids : {true, false}) {
    const auto user = rows.columns(request.user, false, with_ids),
               history = rows.columns(request.history, true, with_ids),
               candidates = rows.columns(request.candidates, false, with_ids);
    REQUIRE(dinghy_user_state_set(device.user, user.data(), user.size(), history.data(), history.size(), nullptr) ==
            DINGHY_OK);
    REQUIRE(dinghy_scorer_score(device.scorer, device.user, candidates.data(), candidates.size(), got.data(), 5,
                                nullptr, 0, nullptr) == DINGHY_OK);
    CHECK(got == expected);
  }
}

TEST_CASE("remote rows: in C what cannot be a column of rows is refused, and says why", "[remote][c_api][hostile]") {
  const Pair pair{Shape{}};
  const Handles whole(pair.whole_file), device(pair.device_file);
  CSentRows sent(whole, device);
  const Request request = random_request(pair.device, 1, 1, 3);
  const auto user = sent.columns(request.user, false, true);
  const auto refused = [&](const char* message, auto change) {
    CAPTURE(message);
    dinghy_rows rows = *static_cast<const dinghy_rows*>(user[0].values);
    dinghy_column column = dinghy_with_rows(&rows);
    change(rows, column);
    dinghy_status status;
    CHECK(dinghy_user_state_set(device.user, &column, 1, nullptr, 0, &status) == DINGHY_INVALID_ARGUMENT);
    CHECK_THAT(status.message, ContainsSubstring(message));
  };
  refused("rows: the column has not exactly one", [](dinghy_rows&, dinghy_column& column) { column.values = nullptr; });
  refused("rows: the column has not exactly one", [](dinghy_rows&, dinghy_column& column) { column.size = 2; });
  refused("rows: offsets belong to the keys", [](dinghy_rows&, dinghy_column& column) { column.offset_count = 1; });
  refused("rows: struct_size is not set", [](dinghy_rows& rows, dinghy_column&) { rows.struct_size = 0; });
  refused("rows: block is NULL", [](dinghy_rows& rows, dinghy_column&) { rows.block = nullptr; });
  refused("rows: which is NULL", [](dinghy_rows& rows, dinghy_column&) { rows.which = nullptr; });
  refused("rows: their keys are no ids",
          [](dinghy_rows& rows, dinghy_column&) { rows.keys.kind = DINGHY_COLUMN_NUMBERS; });
  refused("rows: their keys are no ids",
          [](dinghy_rows& rows, dinghy_column&) { rows.keys.kind = DINGHY_COLUMN_ROWS; });
  refused("offsets and offset_count do not go together", [](dinghy_rows& rows, dinghy_column&) {
    rows.keys.values = nullptr;
    rows.keys.offset_count = 1;
  });
  CHECK(dinghy_embedding_table_create(nullptr, 0, false, nullptr, nullptr) == DINGHY_INVALID_ARGUMENT);
  dinghy_embedding_table_free(nullptr);
}

TEST_CASE("remote rows: a file that is remote in half is refused", "[remote][hostile]") {
  using changeable::ModelT;
  const converter::Network network = random_network({.biases = true});
  const ModelFile whole(network);
  check_refused(
      device_network(network, whole.open(), 2),
      {{"tables[0] 'user': is remote, and has no vocabulary", [](ModelT& m) { m.tables[0]->vocabulary = -1; }},
       {"tables[0] 'user': has more rows than remote_rows", [](ModelT& m) { m.tables[0]->remote_rows = 1; }},
       {"tables[0] 'user': has a remote_version, but is not remote", [](ModelT& m) { m.tables[0]->remote_rows = 0; }},
       {"head biases[0]: its table is remote", [](ModelT& m) {
          changeable::EmbeddingTableT& table = *m.tables[m.head->biases[0]->table];
          table.vocabulary = m.tables[0]->vocabulary;
          table.remote_rows = table.remote_version = 1000;
        }}});
}

TEST_CASE("remote rows: numbers have none", "[remote]") {
  const ModelFile file(Shape{.dense_and_bag = true});
  const Model model = file.open();
  const Request request = random_request(model, 2, 3, 1);
  auto user = UserState::create(model, {});
  auto scorer = Scorer::create(model, {});
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  std::vector<Column> candidates = request.candidates.columns(model);
  Column& price = *std::ranges::find(candidates, *model.feature("price"), &Column::feature);
  const Which which = {0, 0};
  price = price.with_rows({}, which);
  std::vector<float> scores(2);
  const Status status = scorer->score(*user, candidates, scores);
  CHECK(status.code() == Code::invalid_argument);
  CHECK_THAT(status.message(), ContainsSubstring("price: takes numbers"));
}

TEST_CASE("remote rows: a value of rows alone that has none is missing, by its place", "[remote]") {
  const Pair pair{Shape{}};
  const Request request = random_request(pair.device, 2, 0, 1);
  SentRows rows(pair.whole, pair.device, Sent::rows);
  auto user = UserState::create(pair.device, {});
  auto scorer = Scorer::create(pair.device, {});
  REQUIRE(user->set(rows.columns(request.user.columns(pair.device), Side::request),
                    rows.columns(request.history.columns(pair.device), Side::history))
              .ok());
  std::vector<Column> candidates = rows.columns(request.candidates.columns(pair.device), Side::request);
  Column& item = *std::ranges::find(candidates, pair.feature("item"), &Column::feature);
  const Which which = {0, Column::kNoRow};
  item = Column::rows(item.feature(), item.block(), which);
  std::vector<float> scores(2);
  const Status status = scorer->score(*user, candidates, scores);
  CHECK(status.code() == Code::missing_id);
  CHECK_THAT(status.message(), ContainsSubstring("item: entry 1 came without a row"));
}

TEST_CASE("remote rows: a model that has its tables takes none", "[remote]") {
  const Pair pair{Shape{}};
  const std::int64_t ids[] = {1};
  const std::uint32_t which[] = {0};
  auto user = UserState::create(pair.whole, {});
  const Column column = Column::ids(*pair.whole.feature("user"), ids).with_rows({}, which);
  const Status status = user->set({&column, 1}, {});
  CHECK(status.code() == Code::invalid_argument);
  CHECK_THAT(status.message(), ContainsSubstring("takes no rows: its table is in the model file"));
}

TEST_CASE("remote rows: a remote table gives no rows, and one without a feature does not exist", "[remote]") {
  const Pair pair{Shape{}};
  CHECK(EmbeddingTable::of(pair.device, pair.feature("item")).status().code() == Code::unsupported);
  CHECK(EmbeddingTable::of(pair.whole, 1000).status().code() == Code::invalid_argument);
  CHECK(EmbeddingTable::of(pair.whole, *pair.whole.feature("user"), Side::history).status().code() ==
        Code::invalid_argument);
}

TEST_CASE("remote rows: a table gives its rows by id and by number, and says what has none", "[remote]") {
  const Pair pair{Shape{}};
  const auto table = EmbeddingTable::of(pair.whole, pair.feature("item"));
  REQUIRE(table.ok());
  CHECK(table->rows() == static_cast<std::uint64_t>(kItems));
  CHECK(table->row_bytes() == table->width() * sizeof(float));
  const std::int64_t ids[] = {7, kItems, 7};
  const Column column = Column::ids(pair.feature("item"), ids);
  CHECK(table->find(column, 0) == 7);
  CHECK_FALSE(table->find(column, 1).has_value());
  CHECK_FALSE(table->find(column, 3).has_value());
  Block block(table->block_size(3));
  Which which(3);
  const auto written = table->write(column, block, which);
  REQUIRE(written.ok());
  CHECK(*written == table->block_size(2));
  CHECK(which == Which{0, Column::kNoRow, 1});
  CHECK(std::ranges::equal(std::span(block).subspan(format::kRowBlockFront, table->row_bytes()), table->row(7)));
  CHECK(table->row(static_cast<std::uint64_t>(kItems)).empty());
  CHECK(table->write(column, std::span(block).first(block.size() - 1), which).status().code() ==
        Code::invalid_argument);
  CHECK(table->write(column, block, std::span(which).first(2)).status().code() == Code::invalid_argument);
}

}  // namespace dinghy::tests
