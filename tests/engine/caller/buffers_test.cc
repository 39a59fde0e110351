// Where the caller's buffers lie: over each other, at odd addresses, at addresses that no value of their type has.
#include <catch2/catch_test_macros.hpp>
#include <cstring>

#include "tests/engine/c_handles.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

/// A copy of values at an address that is `offset` bytes beside a multiple of 64.
template <class T>
class Placed {
 public:
  Placed(std::span<const T> values, std::size_t offset) : memory_(values.size_bytes() / 64 + 3), size_(values.size()) {
    begin_ = reinterpret_cast<unsigned char*>(memory_.data()) + offset;
    if (size_ > 0) std::memcpy(begin_, values.data(), values.size_bytes());
  }
  std::span<T> span() const { return {reinterpret_cast<T*>(begin_), size_}; }

 private:
  struct alignas(64) Line {
    unsigned char bytes[64];
  };
  std::vector<Line> memory_;
  std::size_t size_;
  unsigned char* begin_;
};

constexpr std::size_t kCandidates = 12, kHistory = 20;

struct Fixture {
  ModelFile file{Shape{.dense_and_bag = true}};
  Model model = file.open();
  Request request = random_request(model, kCandidates, kHistory, 3);
  UserState user = std::move(*UserState::create(model, {.max_history = kHistory + 1}));
  Scorer scorer = std::move(*Scorer::create(model, {.max_candidates = kCandidates, .max_history = kHistory + 1}));
  std::vector<Column> user_columns = request.user.columns(model), history = request.history.columns(model),
                      candidates = request.candidates.columns(model);

  Fixture() { REQUIRE(user.set(user_columns, history).ok()); }
};

/// The same column with its values, or its offsets, at another address.
struct Moved {
  Placed<std::int64_t> ids;
  Placed<float> numbers;
  Placed<std::uint32_t> offsets;
  Column column;

  Moved(const Column& from, std::size_t values_at, std::size_t offsets_at)
      : ids({from.ids(), from.kind() == Column::Kind::ids ? from.size() : 0}, values_at),
        numbers({from.numbers(), from.kind() == Column::Kind::numbers ? from.size() : 0}, values_at),
        offsets(from.offsets(), offsets_at),
        column(from.kind() == Column::Kind::numbers ? Column::numbers(from.feature(), numbers.span())
                                                    : Column::bags(from.feature(), ids.span(), offsets.span())) {}
};

/// Columns whose column `which` is moved.
std::vector<Column> with(std::vector<Column> columns, std::size_t which, const Moved& moved) {
  columns[which] = moved.column;
  return columns;
}

}  // namespace

TEST_CASE("buffers: scores and attention may lie over the ids", "[caller]") {
  Fixture f;
  std::vector<float> expected(kCandidates), expected_attention(kCandidates * kHistory);
  REQUIRE(f.scorer.score(f.user, f.candidates, expected, expected_attention).ok());
  std::vector<std::int64_t> items(kCandidates * kHistory / 2 + 1), fields(kCandidates);
  std::copy_n(f.request.candidates.ids["item"].begin(), kCandidates, items.begin());
  std::copy_n(f.request.candidates.ids["field1"].begin(), kCandidates, fields.begin());
  std::vector<Column> columns = f.candidates;
  for (Column& column : columns) {
    if (column.feature() == *f.model.feature("item"))
      column = Column::ids(column.feature(), std::span(items).first(12));
    if (column.feature() == *f.model.feature("field1")) column = Column::ids(column.feature(), fields);
  }
  const std::span scores(reinterpret_cast<float*>(fields.data()), kCandidates);
  const std::span attention(reinterpret_cast<float*>(items.data()), kCandidates * kHistory);
  REQUIRE(f.scorer.score(f.user, columns, scores, attention).ok());
  CHECK(std::memcmp(scores.data(), expected.data(), scores.size_bytes()) == 0);
  CHECK(std::memcmp(attention.data(), expected_attention.data(), attention.size_bytes()) == 0);
}

TEST_CASE("buffers: any address that the type allows gives the same scores", "[caller]") {
  Fixture f;
  std::vector<float> expected(kCandidates);
  REQUIRE(f.scorer.score(f.user, f.candidates, expected).ok());
  for (std::size_t at = 0; at < 64; at += 4) {
    const Placed<float> scores(expected, at);
    for (std::size_t c = 0; c < f.candidates.size(); ++c) {
      CAPTURE(at, c);
      const Moved moved(f.candidates[c], f.candidates[c].kind() == Column::Kind::numbers ? at : at / 8 * 8, at);
      REQUIRE(f.scorer.score(f.user, with(f.candidates, c, moved), scores.span()).ok());
      CHECK(std::memcmp(scores.span().data(), expected.data(), sizeof(float) * kCandidates) == 0);
    }
  }
}

TEST_CASE("buffers: a column at an address that its type forbids is refused", "[caller]") {
  Fixture f;
  std::vector<float> scores(kCandidates);
  const auto refused = [](const Status& status) {
    CAPTURE(status.message());
    return status.code() == Code::invalid_argument && std::strstr(status.message(), "misaligned") != nullptr;
  };
  for (const std::size_t at : {1u, 2u, 3u, 33u}) {
    for (std::size_t c = 0; c < f.candidates.size(); ++c) {
      CAPTURE(at, c);
      const Moved moved(f.candidates[c], at, 0);
      CHECK(refused(f.scorer.score(f.user, with(f.candidates, c, moved), scores)));
      CHECK(refused(f.model.prefetch({&moved.column, 1})));
      CHECK(refused(f.model.pin({&moved.column, 1})));
    }
    for (std::size_t c = 0; c < f.user_columns.size(); ++c) {
      CAPTURE(at, c);
      const Column& column = f.user_columns[c];
      const Moved values(column, at, 0), offsets(column, 0, at);
      if (column.size() > 0) CHECK(refused(f.user.set(with(f.user_columns, c, values), f.history)));
      if (column.is_bag()) CHECK(refused(f.user.set(with(f.user_columns, c, offsets), f.history)));
    }
    REQUIRE(f.user.set(f.user_columns, f.history).ok());
    for (std::size_t c = 0; c < f.history.size(); ++c) {
      CHECK(refused(f.user.append(with(f.history, c, Moved(f.history[c], at, 0)))));
    }
  }
}

TEST_CASE("buffers: outputs that are misaligned or overlap each other are refused", "[caller]") {
  Fixture f;
  std::vector<float> memory(kCandidates * kHistory + kCandidates + 1);
  auto* const odd = reinterpret_cast<float*>(reinterpret_cast<unsigned char*>(memory.data()) + 1);
  const std::span scores(memory.data(), kCandidates), behind(memory.data() + kCandidates, kCandidates * kHistory),
      over(memory.data() + kCandidates - 1, kCandidates * kHistory);
  REQUIRE(f.scorer.score(f.user, f.candidates, scores, behind).ok());
  REQUIRE(f.scorer.rescore(f.user, scores, behind).ok());
  REQUIRE(f.scorer.rescore(f.user, scores, scores.subspan(3, 0)).ok());
  const auto both_refuse = [&](std::span<float> to, std::span<float> attention) {
    return f.scorer.score(f.user, f.candidates, to, attention).code() == Code::invalid_argument &&
           (f.scorer.score(f.user, f.candidates, scores).ok(),
            f.scorer.rescore(f.user, to, attention).code() == Code::invalid_argument);
  };
  CHECK(both_refuse({odd, kCandidates}, {}));
  CHECK(both_refuse(scores, {odd + kCandidates, kCandidates * kHistory}));
  CHECK(both_refuse(scores, over));
  CHECK(both_refuse(behind.last(kCandidates), behind));
}

TEST_CASE("C API: strings at an address that no pointer has are refused unread", "[caller]") {
  const ModelFile file(network_with(numbered(item_keys())));
  const Handles handles(file);
  const std::string key = item_keys()[3];
  const dinghy_string string = {key.data(), key.size()};
  const std::int64_t id = 1;
  const Placed<dinghy_string> strings({&string, 1}, 1);
  const dinghy_column user[] = {dinghy_ids(handles.number("user"), &id, 1)};
  const dinghy_column history[] = {dinghy_strings(handles.number("item"), strings.span().data(), 1),
                                   dinghy_ids(handles.number("field1"), &id, 1)};
  dinghy_status status;
  CHECK(dinghy_user_state_set(handles.user, user, 1, history, 2, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(std::strstr(status.message, "misaligned") != nullptr);
  CHECK(dinghy_model_prefetch(handles.model, history, 2, nullptr) == DINGHY_INVALID_ARGUMENT);
}

}  // namespace dinghy::tests
