#include "engine/network/lookup.h"

#include <catch2/catch_test_macros.hpp>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "schema/hash.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

using format::MissingId;
using network::Lookup;
using network::Table;

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

/// True when the key is known and its vector is that of row `row`.
bool finds(const Table& table, auto key, std::uint64_t row) {
  const Lookup found = look_up(table, key);
  return !found.missing && !found.failed && found.row == row_at(table, row);
}
bool fails(const Table& table, auto key) {
  const Lookup found = look_up(table, key);
  return found.missing && found.failed;
}

/// Keys whose hash ends in eight zero bits: they all start at slot 0.
std::vector<std::int64_t> colliding_ids(std::size_t count) {
  std::vector<std::int64_t> ids;
  for (std::int64_t id = 1; ids.size() < count; ++id) {
    if ((format::mix64(static_cast<std::uint64_t>(id)) & 255) == 0) ids.push_back(id);
  }
  return ids;
}
std::vector<std::string> colliding_strings(std::size_t count) {
  std::vector<std::string> strings;
  for (std::size_t i = 0; strings.size() < count; ++i) {
    const std::string key = std::to_string(i);
    if ((format::mix64(format::fnv1a64(key.data(), key.size())) & 255) == 0) strings.push_back(key);
  }
  return strings;
}

}  // namespace

TEST_CASE("lookup: an id counts from the table's first id, and no other id of 64 bits has a row", "[network]") {
  for (const std::int64_t first :
       {std::int64_t{0}, std::int64_t{1000}, std::int64_t{-7}, kLowest, kHighest - kItems + 1}) {
    converter::Network network = random_network({});
    item_table(network).first_id = first;
    const ModelFile file(network);
    const Model model = file.open();
    const Table& table = items_of(model);
    CAPTURE(first);
    for (std::int64_t row = 0; row < kItems; ++row) CHECK(finds(table, first + row, static_cast<std::uint64_t>(row)));
    for (const std::int64_t id : {first == kLowest ? kHighest : first - 1, kLowest, kHighest, std::int64_t{-1} << 32,
                                  first > kHighest - kItems ? kLowest : first + kItems}) {
      const bool has_row = id >= first && static_cast<std::uint64_t>(id) - static_cast<std::uint64_t>(first) < kItems;
      CHECK(has_row != fails(table, id));
    }
  }
}

TEST_CASE("lookup: a search ends at the first empty slot", "[network]") {
  constexpr std::int64_t kKey = 7;
  const std::size_t own = format::mix64(kKey) & 7, next = (own + 1) & 7;
  std::vector<format::Int64Slot> slots(8);
  slots[next] = {kKey, 1};
  const std::byte row[4] = {};
  const network::Vocabulary vocabulary{
      .slots = std::as_bytes(std::span(slots)).data(), .capacity = slots.size(), .max_probes = 8};
  const Table table{.rows = row, .count = 1, .vocabulary = &vocabulary};
  CHECK(fails(table, kKey));
  slots[own] = {kKey + 1, 1};
  CHECK(finds(table, kKey, 0));
}

TEST_CASE("lookup: a string ends where the vocabulary's strings end", "[network]") {
  constexpr std::string_view kKey = "abcd";
  const std::string strings = std::string("\4\0\0\0", 4) + std::string(kKey);
  const std::uint64_t hash = format::fnv1a64(kKey.data(), kKey.size());
  const std::vector<format::StringSlot> slots = {{.hash = hash, .string_offset = 0, .row_plus_one = 1}};
  const std::byte row[4] = {};
  network::Vocabulary vocabulary{.key_type = format::KeyType::string,
                                 .slots = std::as_bytes(std::span(slots)).data(),
                                 .capacity = 1,
                                 .max_probes = 1,
                                 .strings = std::as_bytes(std::span(strings)).data()};
  const Table table{.rows = row, .count = 1, .vocabulary = &vocabulary};
  for (; vocabulary.strings_size < strings.size(); ++vocabulary.strings_size) CHECK(fails(table, kKey));
  CHECK(finds(table, kKey, 0));
}

TEST_CASE("lookup: every policy gives an id without a row the vector that it promises", "[network]") {
  const auto look_up_with = [](MissingId missing, std::int64_t id, auto check) {
    converter::Network network = random_network({});
    item_table(network).first_id = 10;
    item_table(network).missing = missing;
    item_table(network).missing_row = 3;
    const ModelFile file(network);
    const Model model = file.open();
    const Lookup found = look_up(items_of(model), id);
    CHECK(found.missing);
    CHECK(found.failed == (missing == MissingId::fail));
    check(found, items_of(model));
  };
  for (const std::int64_t id : {std::int64_t{9}, std::int64_t{10} + kItems, kLowest, kHighest}) {
    CAPTURE(id);
    look_up_with(MissingId::fail, id, [](const Lookup&, const Table&) {});
    look_up_with(MissingId::zero, id, [](const Lookup& l, const Table&) { CHECK(l.row == nullptr); });
    look_up_with(MissingId::row, id, [](const Lookup& l, const Table& t) { CHECK(l.row == row_at(t, 3)); });
    look_up_with(MissingId::clamp, id, [id](const Lookup& l, const Table& t) {
      CHECK(l.row == row_at(t, id < 10 ? 0 : static_cast<std::uint64_t>(kItems - 1)));
    });
  }
}

TEST_CASE("lookup: each policy does the same behind a vocabulary, where nothing is nearest", "[network]") {
  for (const MissingId missing : {MissingId::fail, MissingId::zero, MissingId::row}) {
    converter::Network network = network_with(numbered(item_keys()), missing);
    item_table(network).missing_row = 3;
    const ModelFile file(network);
    const Model model = file.open();
    const Lookup found = look_up(items_of(model), std::string_view("no such item"));
    CHECK(found.missing);
    CHECK(found.failed == (missing == MissingId::fail));
    CHECK(found.row == (missing == MissingId::row ? row_at(items_of(model), 3) : nullptr));
  }
  const ModelFile clamped(network_with(numbered(item_keys()), MissingId::clamp));
  CHECK(Model::open(clamped.path().c_str()).status().code() == Code::bad_file);
}

TEST_CASE("lookup: zero vectors and the trained row score as such, and are counted", "[network]") {
  for (const MissingId missing : {MissingId::zero, MissingId::row}) {
    converter::Network network = random_network({});
    item_table(network).missing = missing;
    item_table(network).missing_row = 3;
    const ModelFile file(network);
    const Model model = file.open();
    const std::uint32_t item = *model.feature("item");
    Request request = random_request(model, 4, 6, 1);
    request.candidates.ids["item"][1] = kHighest;
    request.history.ids["item"][2] = -5;
    request.history.ids["item"][4] = kItems;
    const Scores unknown = score(model, request, "");
    CHECK(model.missing_ids(item) == 3);
    CHECK(model.missing_ids(*model.feature("user")) == 0);
    CHECK(model.missing_ids(1000) == 0);
    if (missing == MissingId::zero) continue;
    request.candidates.ids["item"][1] = request.history.ids["item"][2] = request.history.ids["item"][4] = 3;
    CHECK(score(model, request, "").scores == unknown.scores);
    CHECK(model.missing_ids(item) == 3);
  }
}

TEST_CASE("lookup: a vocabulary finds every int64 key, also the extreme ones, and no other", "[network]") {
  const std::vector<std::int64_t> keys = {0, -1, 1, kLowest, kHighest, std::int64_t{1} << 32, 98784247808};
  const ModelFile file(network_with(numbered(keys)));
  const Model model = file.open();
  for (std::size_t row = 0; row < keys.size(); ++row) CHECK(finds(items_of(model), keys[row], row));
  for (const std::int64_t id : {std::int64_t{2}, std::int64_t{-2}, kLowest + 1, kHighest - 1, std::int64_t{1} << 33}) {
    CHECK(fails(items_of(model), id));
  }
}

TEST_CASE("lookup: int64 keys that differ in one bit have rows of their own", "[network]") {
  constexpr std::int64_t kKey = 0x0123456789abcdef;
  std::vector<std::int64_t> keys = {kKey};
  for (int bit = 0; bit < 64; bit += 2) keys.push_back(kKey ^ static_cast<std::int64_t>(std::uint64_t{1} << bit));
  const ModelFile file(network_with(numbered(keys)));
  const Model model = file.open();
  for (std::size_t row = 0; row < keys.size(); ++row) CHECK(finds(items_of(model), keys[row], row));
  for (int bit = 1; bit < 64; bit += 2)
    CHECK(fails(items_of(model), kKey ^ static_cast<std::int64_t>(std::uint64_t{1} << bit)));
}

TEST_CASE("lookup: strings that differ in one bit, are empty, hold zeros or begin another have rows of their own",
          "[network]") {
  std::vector<std::string> keys = {
      "", "a", "aa", "item", std::string("item\0", 5), std::string("\0", 1), "é", std::string(5000, 'x')};
  for (int bit = 0; bit < 32; ++bit) {
    std::string key = "item";
    key[static_cast<std::size_t>(bit / 8)] = static_cast<char>(key[static_cast<std::size_t>(bit / 8)] ^ (1 << bit % 8));
    keys.push_back(key);
  }
  const ModelFile file(network_with(numbered(keys)));
  const Model model = file.open();
  const Table& table = items_of(model);
  for (std::size_t row = 0; row < keys.size(); ++row) CHECK(finds(table, std::string_view(keys[row]), row));
  CHECK(finds(table, std::string_view(), 0));
  for (const std::string& key :
       {std::string("b"), std::string("ite"), std::string("items"), std::string(4999, 'x'), std::string(5001, 'x')}) {
    CHECK(fails(table, std::string_view(key)));
  }
}

TEST_CASE("lookup: keys that start at the same slot are all found, and an absent one among them is not", "[network]") {
  const auto ids = colliding_ids(41);
  const ModelFile by_id(network_with(numbered(std::vector(ids.begin(), ids.end() - 1))));
  const Model first = by_id.open();
  REQUIRE(items_of(first).vocabulary->max_probes == 40);
  for (std::size_t row = 0; row < 40; ++row) CHECK(finds(items_of(first), ids[row], row));
  CHECK(fails(items_of(first), ids[40]));

  const auto keys = colliding_strings(41);
  const ModelFile by_string(network_with(numbered(std::vector(keys.begin(), keys.end() - 1))));
  const Model second = by_string.open();
  REQUIRE(items_of(second).vocabulary->max_probes == 40);
  for (std::size_t row = 0; row < 40; ++row) CHECK(finds(items_of(second), std::string_view(keys[row]), row));
  CHECK(fails(items_of(second), std::string_view(keys[40])));
}

TEST_CASE("lookup: ids of the type that a vocabulary does not have are refused before any lookup", "[network]") {
  const ModelFile file(network_with(numbered(item_keys())));
  const Model model = file.open();
  auto user = UserState::create(model);
  const std::int64_t id = 1;
  const std::string_view key = "item-1";
  const Column features[] = {Column::ids(*model.feature("user"), {&id, 1})};
  const Column by_number[] = {Column::ids(*model.feature("item"), {&id, 1}),
                              Column::ids(*model.feature("field1"), {&id, 1})};
  const Column by_string[] = {Column::strings(*model.feature("item"), {&key, 1}),
                              Column::strings(*model.feature("field1"), {&key, 1})};
  CHECK(user->set(features, by_number).code() == Code::invalid_argument);
  CHECK(user->set(features, by_string).code() == Code::invalid_argument);
  const Column right[] = {by_string[0], by_number[1]};
  CHECK(user->set(features, right).ok());
}

}  // namespace dinghy::tests
