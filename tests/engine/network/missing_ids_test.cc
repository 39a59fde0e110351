#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "dinghy/isa.h"
#include "tests/engine/c_handles.h"
#include "tests/engine/changed_model.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

using format::MissingId;

constexpr std::int64_t kMissingRow = 3, kZeroRow = 7;  // of every table here

/// A tensor whose numbers from `begin` to `end` (in bytes) read as zeros.
class WithZeros : public converter::Storage {
 public:
  WithZeros(std::shared_ptr<const converter::Storage> numbers, std::uint64_t begin, std::uint64_t end)
      : numbers_(std::move(numbers)), begin_(begin), end_(end) {}
  std::uint64_t size() const override { return numbers_->size(); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    numbers_->read(offset, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (offset + i >= begin_ && offset + i < end_) out[i] = std::byte{0};
    }
  }

 private:
  std::shared_ptr<const converter::Storage> numbers_;
  std::uint64_t begin_, end_;
};

/// Where an id can stand in a request.
struct Place {
  std::string feature;
  Values Request::* side;
  std::int64_t count;  // rows of its table
};

/// A network whose features have every role, "shop" that of a context, with a bag on the side of the user or of the
/// candidates, and one policy for all tables.
converter::Network network_of(MissingId missing, bool bag_of_candidates) {
  converter::Network network = random_network(Shape{.dense_and_bag = true});
  for (converter::Table& table : network.tables) {
    const auto row = static_cast<std::uint64_t>(table.source.shape[1]) * sizeof(float);
    table.source.storage = std::make_shared<WithZeros>(table.source.storage, kZeroRow * row, (kZeroRow + 1) * row);
    table.missing = missing;
    table.missing_row = kMissingRow;
  }
  for (converter::Feature& feature : network.features) {
    if (feature.name == "shop") feature.role = format::Role::context;
    if (feature.name == "tags" && bag_of_candidates) feature.role = format::Role::candidate;
  }
  return network;
}

std::vector<Place> places(bool bag_of_candidates) {
  return {{"user", &Request::user, kUsers},
          {"shop", &Request::user, kItems},
          {"item", &Request::candidates, kItems},
          {"item", &Request::history, kItems},
          {"tags", bag_of_candidates ? &Request::candidates : &Request::user, kTags}};
}

/// No table has rows for these.
std::vector<std::int64_t> ids_beyond(std::int64_t count) {
  using Limits = std::numeric_limits<std::int64_t>;
  return {-1,
          count,
          std::int64_t{1} << 31,
          -(std::int64_t{1} << 31),
          std::int64_t{1} << 32,
          (std::int64_t{1} << 32) + 1,
          Limits::max(),
          Limits::min()};
}

/// A request of a few rows whose id in the middle of `place` is `id`.
Request request_with(const Model& model, const Place& place, std::int64_t id) {
  Request request = random_request(model, 5, 6, 1);
  for (Values* side : {&request.user, &request.candidates}) {  // two ids in every bag
    if (!side->offsets.contains("tags")) continue;
    const std::size_t rows = side->offsets["tags"].size() - 1;
    side->offsets["tags"] = {0};
    for (std::size_t r = 1; r <= rows; ++r) side->offsets["tags"].push_back(static_cast<std::uint32_t>(2 * r));
    side->ids["tags"].assign(2 * rows, 1);
  }
  std::vector<std::int64_t>& ids = (request.*place.side).ids.at(place.feature);
  ids[ids.size() / 2] = id;
  return request;
}

/// What an id beyond the table of `place` stands for.
std::int64_t stands_for(MissingId missing, std::int64_t id, const Place& place) {
  switch (missing) {
    case MissingId::zero:
      return kZeroRow;
    case MissingId::row:
      return kMissingRow;
    default:
      return id < 0 ? 0 : place.count - 1;
  }
}

bool close(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(a, b, [](float x, float y) { return std::fabs(x - y) <= 1e-6f; });
}

}  // namespace

TEST_CASE("missing ids: in every role and in bags they score as the policy says and are counted, in C++ and in C",
          "[network]") {
  const MissingId missing = GENERATE(MissingId::zero, MissingId::row, MissingId::clamp);
  const bool bag_of_candidates = GENERATE(false, true);
  const ModelFile file(network_of(missing, bag_of_candidates));
  const Model model = file.open();
  const Handles handles(file);
  for (const Place& place : places(bag_of_candidates)) {
    const std::uint32_t feature = *model.feature(place.feature);
    std::uint64_t count = model.missing_ids(feature);
    for (const std::int64_t id : ids_beyond(place.count)) {
      CAPTURE(place.feature, id, static_cast<int>(missing));
      const Request request = request_with(model, place, id);
      const std::vector<float> scores = score(model, request, "").scores;
      CHECK(model.missing_ids(feature) == ++count);
      const Request known = request_with(model, place, stands_for(missing, id, place));
      CHECK(close(scores, score(model, known, "").scores));
      CHECK(model.missing_ids(feature) == count);

      std::vector<float> from_c(request.rows);
      CHECK(set(handles, request) == DINGHY_OK);
      CHECK(score(handles, request, from_c, nullptr) == DINGHY_OK);
      CHECK(from_c == scores);
      CHECK(dinghy_model_missing_ids(handles.model, feature) == count);
    }
  }
}

TEST_CASE("missing ids: where the policy is to fail, the error names feature, entry and id, in C++ and in C",
          "[network]") {
  const bool bag_of_candidates = GENERATE(false, true);
  const ModelFile file(network_of(MissingId::fail, bag_of_candidates));
  const Model model = file.open();
  const Handles handles(file);
  auto user = UserState::create(model);
  auto scorer = Scorer::create(model);
  std::vector<float> scores(5);
  for (const Place& place : places(bag_of_candidates)) {
    const std::uint32_t feature = *model.feature(place.feature);
    std::uint64_t count = model.missing_ids(feature);
    for (const std::int64_t id : ids_beyond(place.count)) {
      CAPTURE(place.feature, id);
      const Request request = request_with(model, place, id);
      const std::string expected = place.feature + ": entry " +
                                   std::to_string((request.*place.side).ids.at(place.feature).size() / 2) + ", id " +
                                   std::to_string(id) + ", has no row";
      const bool of_candidates = place.side == &Request::candidates;
      Status status = user->set(request.user.columns(model), request.history.columns(model));
      if (of_candidates) {
        REQUIRE(status.ok());
        status = scorer->score(*user, request.candidates.columns(model), scores);
      }
      CHECK(status.code() == Code::missing_id);
      CHECK(status.message() == expected);
      CHECK(model.missing_ids(feature) == ++count);
      CHECK(scorer->rescore(*user, scores).code() == Code::invalid_argument);  // nothing half done is left

      dinghy_status from_c{};
      dinghy_code code = set(handles, request, &from_c);
      if (of_candidates) code = score(handles, request, scores, &from_c);
      CHECK(code == DINGHY_MISSING_ID);
      CHECK(from_c.message == expected);
      CHECK(dinghy_model_missing_ids(handles.model, feature) == count);
    }
  }
}

TEST_CASE("missing ids: the id of padding is one like any other among the candidates, on every ISA", "[network]") {
  const ModelFile file(network_of(MissingId::fail, false));
  const Model model = file.open();
  const Place place{"item", &Request::candidates, kItems};
  const std::vector<float> of_reference = score(model, request_with(model, place, 0), "reference").scores;
  CHECK_FALSE(close(of_reference, score(model, request_with(model, place, 1), "reference").scores));
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    const std::vector<float> scores = score(model, request_with(model, place, 0), isa.name).scores;
    CHECK(std::ranges::equal(scores, of_reference, [](float a, float b) { return std::fabs(a - b) <= 1e-5f; }));
  }
  CHECK(model.missing_ids(*model.feature("item")) == 0);
}

TEST_CASE("missing ids: a bag in the history counts each once, set or appended", "[network]") {
  converter::Network network = random_network(Shape{.mixed_fields = true});
  for (converter::Table& table : network.tables) table.missing = MissingId::zero;
  const ModelFile file(network);
  const Model model = file.open();
  const std::uint32_t words = *model.feature("words");
  Request request = random_request(model, 1, 1, 1);
  request.history.ids["words"] = {1000, 1, 1001};
  request.history.offsets["words"] = {0, 3};
  auto user = UserState::create(model, {.max_history = 5});
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  CHECK(model.missing_ids(words) == 2);
  REQUIRE(user->append(request.history.columns(model)).ok());
  CHECK(model.missing_ids(words) == 4);
}

TEST_CASE("missing ids: one that only the table of its bias lacks is an error", "[network]") {
  ChangedModel changed(Shape{.biases = true});
  for (const auto& bias : changed.metadata.head->biases) changed.metadata.tables[bias->table]->rows = 1;
  const auto model = changed.open();
  REQUIRE(model.ok());
  Request request = random_request(*model, 2, 3, 1);
  auto user = UserState::create(*model);
  auto scorer = Scorer::create(*model);
  request.user.ids["user"] = {1};
  CHECK(user->set(request.user.columns(*model), request.history.columns(*model)).code() == Code::missing_id);
  request.user.ids["user"] = {0};
  REQUIRE(user->set(request.user.columns(*model), request.history.columns(*model)).ok());
  float scores[2];
  request.candidates.ids["item"] = {0, 1};
  CHECK(scorer->score(*user, request.candidates.columns(*model), scores).code() == Code::missing_id);
}

TEST_CASE("append: a bag with an id without a row is refused and changes nothing", "[network]") {
  const ModelFile file(Shape{.mixed_fields = true});
  const Model model = file.open();
  Request request = random_request(model, 1, 1, 1);
  auto user = UserState::create(model, {.max_history = 5});
  REQUIRE(user->set(request.user.columns(model), request.history.columns(model)).ok());
  request.history.ids["words"] = {1, 1000};
  request.history.offsets["words"] = {0, 2};
  CHECK(user->append(request.history.columns(model)).code() == Code::missing_id);
  CHECK(user->history_length() == 1);
  CHECK(model.missing_ids(*model.feature("words")) == 1);
}

}  // namespace dinghy::tests
