#include "tests/converter/golden/split.h"

#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "converter/requests/requests.h"
#include "dinghy/embedding_table.h"
#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "dinghy/user_state.h"
#include "tests/engine/sent_rows.h"

namespace dinghy::converter {
namespace {

using Side = EmbeddingTable::Side;
using tests::Sent;
using tests::SentRows;

std::vector<Column> columns_of(const std::vector<RequestColumn>& from) {
  std::vector<Column> columns;
  for (const RequestColumn& column : from) columns.push_back(column.column());
  return columns;
}

struct Scored {
  Status status;
  std::vector<std::uint32_t> bits;
};

std::size_t longest(const Request& request) {
  std::size_t length = 1;
  for (const std::size_t l : request.history_lengths) length = std::max(length, l);
  return length;
}

std::vector<std::uint32_t> bits_of(const std::vector<float>& scores, const std::vector<float>& attention) {
  std::vector<std::uint32_t> bits;
  for (const std::vector<float>* numbers : {&scores, &attention}) {
    for (const float number : *numbers) bits.push_back(std::bit_cast<std::uint32_t>(number));
  }
  return bits;
}

/// A user state and a scorer of one model.
struct Session {
  Session(const Model& model, const std::string& isa, const Request& request)
      : user(std::move(*UserState::create(model, {.max_history = longest(request), .isa = isa}))),
        scorer(std::move(*Scorer::create(model, {.max_candidates = request.candidate_count,
                                                 .max_history = longest(request),
                                                 .isa = isa,
                                                 .integers = Integers::always}))) {}

  template <class Score>
  Scored finish(const Model& model, const Request& request, Score score) {
    std::size_t weights = 0;
    for (std::size_t i = 0; i < model.interests(); ++i) weights += request.candidate_count * user.history_length(i);
    std::vector<float> scores(request.candidate_count), attention(weights);
    const Status status = score(scores, attention);
    return {status, bits_of(scores, attention)};
  }

  UserState user;
  Scorer scorer;
};

Scored scored(const Model& whole, const Model& model, const std::string& isa, const Request& request, Sent way) {
  Session session(model, isa, request);
  SentRows sent(whole, model, way);
  if (const Status status = session.user.set(sent.columns(columns_of(request.features), Side::request),
                                             sent.columns(columns_of(request.history), Side::history));
      !status) {
    return {status, {}};
  }
  const std::vector<Column> candidates = sent.columns(columns_of(request.candidates), Side::request);
  return session.finish(model, request, [&](std::span<float> scores, std::span<float> attention) {
    return session.scorer.score(session.user, candidates, scores, attention);
  });
}

/// The last value of a column; nothing of an empty one.
RequestColumn last_of(const RequestColumn& column, std::uint32_t width) {
  RequestColumn last;
  last.feature = column.feature;
  last.kind = column.kind;
  last.bag = column.bag;
  const std::size_t begin = column.bag ? column.offsets[column.offsets.size() - 2] : 0;
  const auto tail = [&](const auto& from, auto& to, std::size_t count) {
    to.assign(from.end() - static_cast<std::ptrdiff_t>(std::min(count, from.size())), from.end());
  };
  tail(column.ids, last.ids, column.bag ? column.ids.size() - begin : 1);
  tail(column.strings, last.strings, column.bag ? column.strings.size() - begin : 1);
  tail(column.numbers, last.numbers, width);
  last.views.assign(last.strings.begin(), last.strings.end());
  if (column.bag) last.offsets = {0, static_cast<std::uint32_t>(column.offsets.back() - begin)};
  return last;
}

/// The request's scores, then those after its last behaviour came once more.
Scored rescored(const Model& whole, const Model& model, const std::string& isa, const Request& request, Sent way) {
  Session session(model, isa, request);
  SentRows sent(whole, model, way);
  std::vector<RequestColumn> last;
  for (const RequestColumn& column : request.history) {
    last.push_back(last_of(column, model.features()[column.feature].dense_width));
  }
  const std::vector<Column> candidates = sent.columns(columns_of(request.candidates), Side::request);
  Status status = session.user.set(sent.columns(columns_of(request.features), Side::request),
                                   sent.columns(columns_of(request.history), Side::history));
  if (!status) return {status, {}};
  const Scored first = session.finish(model, request, [&](std::span<float> scores, std::span<float> attention) {
    return session.scorer.score(session.user, candidates, scores, attention);
  });
  if (!first.status) return first;
  status = session.user.append(sent.columns(columns_of(last), Side::history));
  if (!status) return {status, {}};
  return session.finish(model, request, [&](std::span<float> scores, std::span<float> attention) {
    return session.scorer.rescore(session.user, scores, attention);
  });
}

bool needs_ids(const Status& status) {
  return std::string_view(status.message()).find("beside the rows that came") != std::string_view::npos;
}

bool has_behaviors(const Request& request) {
  for (const std::size_t length : request.history_lengths) {
    if (length == 0) return false;
  }
  return !request.history_lengths.empty();
}

/// True where the request was scored; false where a mask or a bias needs ids.
bool check_way(const Model& whole, const Model& device, const std::string& isa, const Request& request, Sent way) {
  const Scored expected = scored(whole, whole, isa, request, Sent::ids);
  const Scored got = scored(whole, device, isa, request, way);
  if (way == Sent::rows && needs_ids(got.status)) return false;
  INFO(got.status.message());
  REQUIRE(expected.status.ok());
  CHECK(got.status.ok());
  CHECK(got.bits == expected.bits);
  if (!has_behaviors(request)) return true;
  const Scored later = rescored(whole, device, isa, request, way);
  INFO(later.status.message());
  CHECK(later.status.ok());
  CHECK(later.bits == rescored(whole, whole, isa, request, Sent::ids).bits);
  return true;
}

}  // namespace

std::size_t check_split(const std::string& whole_path, const std::string& device_path, const std::string& lines) {
  const Result<Model> whole = Model::open(whole_path.c_str()), device = Model::open(device_path.c_str());
  REQUIRE(whole.ok());
  REQUIRE(device.ok());
  std::size_t by_rows = 0;
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    INFO(isa.name);
    RequestReader requests(request_shape(*whole), lines, "golden");
    Request request;
    while (requests.next(request)) {
      INFO(request.where);
      for (const Sent way : {Sent::ids, Sent::rows_and_ids, Sent::every_second_row, Sent::rows}) {
        INFO(static_cast<int>(way));
        const bool done = check_way(*whole, *device, isa.name, request, way);
        by_rows += way == Sent::rows && done;
      }
    }
  }
  return by_rows;
}

}  // namespace dinghy::converter
