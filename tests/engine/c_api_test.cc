#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "dinghy/isa.h"
#include "tests/engine/c_api_from_c.h"
#include "tests/engine/c_handles.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"
#include "tests/engine/saved_memo.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

std::vector<float> scores_of(const Handles& handles, const Request& request) {
  std::vector<float> scores(request.rows);
  dinghy_status status;
  const dinghy_code code = score(handles, request, scores, &status);
  INFO(status.message);
  REQUIRE(code == DINGHY_OK);
  return scores;
}

}  // namespace

TEST_CASE("C API: a C program gets the scores and the attention of the C++ API on every ISA", "[c_api]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 7, 20, 1);
  const auto& history = request.history.ids;
  const auto& candidates = request.candidates.ids;
  const c_request c{request.user.ids.at("user")[0], history.at("item").data(),    history.at("field1").data(),    20,
                    candidates.at("shop").data(),   candidates.at("item").data(), candidates.at("field1").data(), 7};
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    std::vector<float> scores(7), attention(7 * 20);
    dinghy_status status;
    REQUIRE(c_score(file.path().c_str(), isa.name, &c, scores.data(), attention.data(), &status) == DINGHY_OK);
    CHECK(status.message == std::string());
    const Scores expected = score(model, request, isa.name);
    CHECK(scores == expected.scores);
    CHECK(attention == expected.attention);
  }
}

TEST_CASE("C API: dense features, bags and an appended behaviour give the scores of the C++ API", "[c_api]") {
  const ModelFile file(Shape{.dense_and_bag = true, .biases = true});
  const Model model = file.open();
  const Handles handles(file);
  const Request before = random_request(model, 5, 9, 2), click = random_request(model, 5, 1, 3);
  REQUIRE(set(handles, before) == DINGHY_OK);
  CHECK(scores_of(handles, before) == score(model, before, "").scores);

  const auto columns = c_columns(handles, click.history);
  REQUIRE(dinghy_user_state_append(handles.user, columns.data(), columns.size(), nullptr) == DINGHY_OK);
  CHECK(dinghy_user_state_history_length(handles.user, 0) == 10);
  Request after = before;
  for (auto& [name, ids] : after.history.ids) ids.push_back(click.history.ids.at(name)[0]);
  after.length = 10;
  std::vector<float> again(5);
  REQUIRE(dinghy_scorer_rescore(handles.scorer, handles.user, again.data(), 5, nullptr, 0, nullptr) == DINGHY_OK);
  const Scores rescored = score(model, after, "");
  for (std::size_t n = 0; n < 5; ++n) CHECK(std::fabs(again[n] - rescored.scores[n]) <= 1e-6f);
  CHECK(scores_of(handles, after) == score(model, after, "").scores);
}

TEST_CASE("C API: string ids need no zero behind them, and one without a row is named", "[c_api]") {
  const ModelFile file(network_with(numbered(item_keys())));
  const Handles handles(file);
  dinghy_feature feature{};
  feature.struct_size = sizeof feature;
  REQUIRE(dinghy_model_feature(handles.model, handles.number("item"), &feature, nullptr) == DINGHY_OK);
  CHECK(feature.string_ids);

  const std::string keys = item_keys()[3] + item_keys()[14];
  const dinghy_string strings[] = {{keys.data(), 6}, {keys.data() + 6, 7}};
  const std::int64_t ids[] = {1, 2};
  const dinghy_column user[] = {dinghy_ids(handles.number("user"), ids, 1)};
  const dinghy_column rows[] = {dinghy_strings(handles.number("item"), strings, 2),
                                dinghy_ids(handles.number("field1"), ids, 2),
                                dinghy_ids(handles.number("shop"), ids, 2)};
  float scores[2];
  REQUIRE(dinghy_user_state_set(handles.user, user, 1, rows, 2, nullptr) == DINGHY_OK);
  REQUIRE(dinghy_scorer_score(handles.scorer, handles.user, rows, 3, scores, 2, nullptr, 0, nullptr) == DINGHY_OK);

  const ModelFile by_number(Shape{});
  Request request;
  request.user.ids = {{"user", {1}}};
  request.history.ids = {{"item", {3, 14}}, {"field1", {1, 2}}};
  request.candidates.ids = {{"item", {3, 14}}, {"field1", {1, 2}}, {"shop", {1, 2}}};
  request.rows = request.length = 2;
  CHECK(std::vector<float>(scores, scores + 2) == score(by_number.open(), request, "").scores);

  const dinghy_string unknown[] = {{keys.data(), 6}, {keys.data() + 6, 5}};
  const dinghy_column wrong[] = {dinghy_strings(handles.number("item"), unknown, 2), rows[1], rows[2]};
  dinghy_status status;
  CHECK(dinghy_scorer_score(handles.scorer, handles.user, wrong, 3, scores, 2, nullptr, 0, &status) ==
        DINGHY_MISSING_ID);
  CHECK(status.message == std::string("item: entry 1, 'item-', is not in the vocabulary"));
  CHECK(dinghy_model_missing_ids(handles.model, handles.number("item")) == 1);
}

TEST_CASE("C API: the version is the project's, in headers and library", "[c_api]") {
  CHECK(dinghy_version() == std::string(DINGHY_PROJECT_VERSION));
  CHECK(version() == std::string(DINGHY_PROJECT_VERSION));
  CHECK(DINGHY_VERSION == std::string(DINGHY_PROJECT_VERSION));
  const std::string numbers = std::to_string(DINGHY_VERSION_MAJOR) + '.' + std::to_string(DINGHY_VERSION_MINOR) + '.' +
                              std::to_string(DINGHY_VERSION_PATCH);
  CHECK(numbers == DINGHY_PROJECT_VERSION);
}

TEST_CASE("C API: a model's version is the text of its conversion, or empty", "[c_api]") {
  converter::Network network = random_network(Shape{});
  const ModelFile without(network);
  network.version = "2026-11-29, run 7";
  const ModelFile with(network);
  CHECK(dinghy_model_version(Handles(without).model) == std::string());
  CHECK(dinghy_model_version(Handles(with).model) == network.version);
  CHECK(without.open().version().empty());
  CHECK(with.open().version() == network.version);
  CHECK(with.open().id() != without.open().id());
}

TEST_CASE("C API: an allocator that comes when the engine has memory is refused", "[c_api]") {
  const ModelFile file(Shape{});
  const Handles handles(file);
  dinghy_allocator allocator{sizeof allocator, [](void*, size_t, size_t) -> void* { return nullptr; },
                             [](void*, void*, size_t, size_t) {}, nullptr};
  dinghy_status status;
  CHECK(dinghy_set_allocator(&allocator, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(std::string(status.message).find("before all else") != std::string::npos);
  allocator.struct_size = 0;
  CHECK(dinghy_set_allocator(&allocator, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(std::string(status.message).find("struct_size") != std::string::npos);
  const Handles more(file);
}

TEST_CASE("C API: features and ISAs are listed as in C++", "[c_api]") {
  const ModelFile file(Shape{.dense_and_bag = true});
  const Model model = file.open();
  const Handles handles(file);
  REQUIRE(dinghy_model_feature_count(handles.model) == model.features().size());
  for (std::size_t f = 0; f < model.features().size(); ++f) {
    const Feature& expected = model.features()[f];
    dinghy_feature feature{};
    feature.struct_size = sizeof feature;
    REQUIRE(dinghy_model_feature(handles.model, f, &feature, nullptr) == DINGHY_OK);
    CHECK(feature.name == expected.name);
    CHECK(feature.role == static_cast<int>(expected.role));
    CHECK(feature.kind == static_cast<int>(expected.kind));
    CHECK(feature.dense_width == expected.dense_width);
    CHECK(feature.in_history == expected.in_history);
    CHECK(feature.string_ids == expected.string_ids);
    CHECK(dinghy_model_feature_number(handles.model, feature.name) == static_cast<std::int64_t>(f));
  }
  CHECK(dinghy_model_feature_number(handles.model, "no such feature") == -1);
  CHECK(dinghy_model_name(handles.model) == model.name());
  CHECK(dinghy_model_interests(handles.model) == model.interests());
  CHECK(dinghy_model_trained_history(handles.model) == model.trained_history());
  CHECK(scores_of(handles,
                  [&] {
                    const Request request = random_request(model, 1, 0, 1);
                    REQUIRE(set(handles, request) == DINGHY_OK);
                    return request;
                  }())
            .size() == 1);

  for (std::size_t i = 0; i < isas().size(); ++i) {
    CHECK(dinghy_isa_name(i) == std::string(isas()[i].name));
    CHECK(dinghy_isa_available(i) == isas()[i].available);
  }
  CHECK(dinghy_isa_name(isas().size()) == nullptr);
  CHECK_FALSE(dinghy_isa_available(isas().size()));
}

TEST_CASE("C API: an error gives code and message, leaves no handle, and needs no status", "[c_api]") {
  dinghy_status status;
  dinghy_model* model = reinterpret_cast<dinghy_model*>(&status);
  CHECK(dinghy_model_open("no-such-file.dinghy", &model, &status) == DINGHY_IO_ERROR);
  CHECK(model == nullptr);
  CHECK(status.code == DINGHY_IO_ERROR);
  CHECK(std::string(status.message).find("No such file") != std::string::npos);
  CHECK(dinghy_model_open("no-such-file.dinghy", &model, nullptr) == DINGHY_IO_ERROR);
  alignas(64) const char junk[128] = "not a model";
  CHECK(dinghy_model_from_memory(junk, sizeof junk, &model, &status) == DINGHY_BAD_FILE);
  CHECK(dinghy_model_from_memory(junk + 1, 64, &model, &status) == DINGHY_INVALID_ARGUMENT);
}

TEST_CASE("C API: options of an older or newer caller", "[c_api]") {
  const ModelFile file(Shape{});
  const Handles handles(file);
  struct Newer {
    dinghy_user_options known;
    std::uint64_t unknown;
  } newer{{sizeof(Newer), 5, "reference"}, 0};
  const auto create = [&](const dinghy_user_options* options) {
    dinghy_user_state* user = nullptr;
    dinghy_status status;
    const dinghy_code code = dinghy_user_state_create(handles.model, options, &user, &status);
    CHECK((user != nullptr) == (code == DINGHY_OK));
    dinghy_user_state_free(user);
    return code;
  };
  SECTION("zero in an unknown field changes nothing") { CHECK(create(&newer.known) == DINGHY_OK); }
  SECTION("a value in an unknown field is refused") {
    newer.unknown = 1;
    CHECK(create(&newer.known) == DINGHY_UNSUPPORTED);
  }
  SECTION("fields behind the caller's struct are not read") {
    newer.known.struct_size = offsetof(dinghy_user_options, isa);
    newer.known.isa = "no such ISA";
    CHECK(create(&newer.known) == DINGHY_OK);
  }
  SECTION("a struct_size that was not set is refused") {
    newer.known.struct_size = 0;
    CHECK(create(&newer.known) == DINGHY_INVALID_ARGUMENT);
    newer.known.struct_size = static_cast<std::size_t>(0xa5a5a5a5a5a5a5a5u);
    CHECK(create(&newer.known) == DINGHY_INVALID_ARGUMENT);
  }
  SECTION("a struct_size that ends inside a field is refused") {
    newer.known.isa = "reference";
    newer.known.struct_size = offsetof(dinghy_user_options, isa) + 1;
    CHECK(create(&newer.known) == DINGHY_INVALID_ARGUMENT);
  }
  SECTION("an ISA that does not exist is refused") {
    newer.known.isa = "no such ISA";
    CHECK(create(&newer.known) == DINGHY_UNKNOWN_ISA);
  }
  SECTION("a shorter dinghy_feature is written as far as it goes") {
    dinghy_feature feature{};
    feature.struct_size = offsetof(dinghy_feature, role);
    feature.role = 77;
    REQUIRE(dinghy_model_feature(handles.model, 0, &feature, nullptr) == DINGHY_OK);
    CHECK(feature.name == std::string("user"));
    CHECK(feature.role == 77);
  }
}

TEST_CASE("C API: sizes in the options are the sizes that a scorer takes", "[c_api]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  Handles handles(file);
  const dinghy_scorer_options options{sizeof options, 3, 4, "reference", 0, nullptr};
  dinghy_scorer_free(handles.scorer);
  REQUIRE(dinghy_scorer_create(handles.model, &options, &handles.scorer, nullptr) == DINGHY_OK);
  CHECK(dinghy_scorer_isa(handles.scorer) == std::string("reference"));
  CHECK(dinghy_scorer_uses_integers(handles.scorer) == 0);
  CHECK(dinghy_scorer_uses_integers(nullptr) == 0);
  const Request request = random_request(model, 4, 4, 1);
  REQUIRE(set(handles, request) == DINGHY_OK);
  const auto candidates = c_columns(handles, request.candidates);
  float scores[4];
  CHECK(dinghy_scorer_score(handles.scorer, handles.user, candidates.data(), candidates.size(), scores, 4, nullptr, 0,
                            nullptr) == DINGHY_LIMIT_EXCEEDED);
}

TEST_CASE("C API: a memo serves scorers, and outlives its handle with them", "[c_api]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  Handles handles(file);
  dinghy_pair_memo* memo = nullptr;
  dinghy_status status;
  dinghy_pair_memo_options small{};
  small.struct_size = sizeof small;
  small.bytes = 10;
  CHECK(dinghy_pair_memo_create(handles.model, &small, &memo, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(std::string(status.message).find("takes at least") != std::string::npos);
  small.bytes = 1 << 20;
  small.items = 100;
  REQUIRE(dinghy_pair_memo_create(handles.model, &small, &memo, &status) == DINGHY_OK);
  CHECK(dinghy_pair_memo_bytes(memo) > 4 * 100 * 100);
  dinghy_scorer_options options{};
  options.struct_size = sizeof options;
  options.memo = memo;
  dinghy_scorer_free(handles.scorer);
  REQUIRE(dinghy_scorer_create(handles.model, &options, &handles.scorer, nullptr) == DINGHY_OK);
  const Request request = random_request(model, 7, 20, 1);
  REQUIRE(set(handles, request) == DINGHY_OK);
  const std::vector<float> expected = score(model, request, "").scores;
  CHECK(scores_of(handles, request) == expected);
  dinghy_pair_memo_counters counters{};
  CHECK(dinghy_pair_memo_count(memo, &counters, nullptr) == DINGHY_INVALID_ARGUMENT);
  counters.struct_size = sizeof counters;
  REQUIRE(dinghy_pair_memo_count(memo, &counters, nullptr) == DINGHY_OK);
  CHECK(counters.kept > 0);
  CHECK(counters.items > 0);
  CHECK(counters.room == 100 * 100);
  std::vector<char> bytes;
  const MemoSink sink = sink_into(bytes);
  REQUIRE(dinghy_pair_memo_save(memo, sink.write, sink.context, nullptr) == DINGHY_OK);
  CHECK(bytes.size() > 4 * 100 * 100);
  CHECK(dinghy_pair_memo_save(memo, nullptr, nullptr, nullptr) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_pair_memo_verify(memo, nullptr) == DINGHY_OK);
  CHECK(std::string_view(dinghy_pair_memo_arithmetic(memo)).find("sums") != std::string_view::npos);
  CHECK(dinghy_pair_memo_arithmetic(nullptr) == nullptr);
  dinghy_pair_memo_free(memo);
  CHECK(scores_of(handles, request) == expected);
  CHECK(dinghy_pair_memo_open(handles.model, "no-such-memo", nullptr, &memo, &status) == DINGHY_IO_ERROR);
  CHECK(memo == nullptr);
  CHECK(dinghy_pair_memo_open_fd(handles.model, -1, 0, 0, nullptr, &memo, &status) == DINGHY_BAD_FILE);
  int released = 0;
  const auto release = [](void* count) { ++*static_cast<int*>(count); };
  CHECK(dinghy_pair_memo_from_owned_memory(nullptr, bytes.data(), bytes.size(), release, &released, nullptr, &memo,
                                           &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(released == 1);
  CHECK(dinghy_pair_memo_from_owned_memory(handles.model, bytes.data(), 10, release, &released, nullptr, &memo,
                                           &status) != DINGHY_OK);
  CHECK(released == 2);
  CHECK(dinghy_pair_memo_read(handles.model, nullptr, nullptr, &memo, &status) == DINGHY_INVALID_ARGUMENT);
}

TEST_CASE("C API: a NULL is an error, and freeing one is none", "[c_api]") {
  const ModelFile file(Shape{});
  const Handles handles(file);
  dinghy_status status;
  dinghy_model* model = nullptr;
  float score = 0;
  CHECK(dinghy_model_open(nullptr, &model, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(status.message == std::string("path is NULL"));
  CHECK(dinghy_model_open("x", nullptr, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_model_from_memory(nullptr, 0, &model, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_user_state_create(nullptr, nullptr, nullptr, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_user_state_set(nullptr, nullptr, 0, nullptr, 0, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_user_state_set(handles.user, nullptr, 1, nullptr, 0, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_user_state_append(nullptr, nullptr, 0, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_scorer_create(nullptr, nullptr, nullptr, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_scorer_score(nullptr, handles.user, nullptr, 0, nullptr, 0, nullptr, 0, &status) ==
        DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_scorer_score(handles.scorer, nullptr, nullptr, 0, &score, 1, nullptr, 0, &status) ==
        DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_scorer_score(handles.scorer, handles.user, nullptr, 0, nullptr, 1, nullptr, 0, &status) ==
        DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_scorer_rescore(handles.scorer, nullptr, &score, 1, nullptr, 0, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_model_prefetch(nullptr, nullptr, 0, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_model_pin(handles.model, nullptr, 1, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_model_feature(handles.model, 0, nullptr, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_model_feature_number(handles.model, nullptr) == -1);
  CHECK(dinghy_pair_memo_create(nullptr, nullptr, nullptr, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_pair_memo_count(nullptr, nullptr, &status) == DINGHY_INVALID_ARGUMENT);
  dinghy_pair_memo_free(nullptr);
  dinghy_model_free(nullptr);
  dinghy_user_state_free(nullptr);
  dinghy_scorer_free(nullptr);
}

TEST_CASE("C API: a column that C++ would not compile is an error, and empties the user state", "[c_api]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Handles handles(file);
  const Request request = random_request(model, 2, 3, 1);
  REQUIRE(set(handles, request) == DINGHY_OK);
  const auto history = c_columns(handles, request.history);
  std::vector<dinghy_column> user = c_columns(handles, request.user);
  const std::uint32_t offsets[] = {0, 1};
  const char* what = "";
  SECTION("a kind that does not exist") { user[0].kind = DINGHY_COLUMN_ROWS + 1, what = "kind"; }
  SECTION("a negative kind") { user[0].kind = -1, what = "kind"; }
  SECTION("values that are NULL") { user[0].values = nullptr, what = "NULL"; }
  SECTION("offsets without a count") { user[0].offsets = offsets, what = "offsets"; }
  SECTION("a count without offsets") { user[0].offset_count = 2, what = "offsets"; }
  SECTION("bags of numbers") {
    user[0] = dinghy_column{0, DINGHY_COLUMN_NUMBERS, offsets, 2, offsets, 2};
    what = "bags";
  }
  SECTION("more columns than the model has features") {
    user.resize(model.features().size() + 1, user[0]);
    what = "the model has";
  }
  SECTION("a NULL among strings") {
    static const dinghy_string strings[] = {{nullptr, 1}};
    user[0] = dinghy_strings(user[0].feature, strings, 1);
    what = "string is NULL";
  }
  dinghy_status status;
  CHECK(dinghy_user_state_set(handles.user, user.data(), user.size(), history.data(), history.size(), &status) ==
        DINGHY_INVALID_ARGUMENT);
  INFO(status.message);
  CHECK(std::string(status.message).find(what) != std::string::npos);
  const auto candidates = c_columns(handles, request.candidates);
  float scores[2];
  CHECK(dinghy_scorer_score(handles.scorer, handles.user, candidates.data(), candidates.size(), scores, 2, nullptr, 0,
                            &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(std::string(status.message).find("empty") != std::string::npos);
}

TEST_CASE("C API: rows are asked for by columns of any length, of features that exist", "[c_api]") {
  const ModelFile file(Shape{});
  const Handles handles(file);
  const std::int64_t ids[] = {1, 2, -1, kItems};
  dinghy_column columns[] = {dinghy_ids(handles.number("item"), ids, 4), dinghy_ids(handles.number("user"), ids, 1)};
  dinghy_status status;
  CHECK(dinghy_model_prefetch(handles.model, columns, 2, &status) == DINGHY_OK);
  CHECK(dinghy_model_prefetch(handles.model, nullptr, 0, &status) == DINGHY_OK);
  CHECK(dinghy_model_missing_ids(handles.model, handles.number("item")) == 0);
  columns[1].feature = 1000;
  CHECK(dinghy_model_prefetch(handles.model, columns, 2, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_model_pin(handles.model, columns, 2, &status) == DINGHY_INVALID_ARGUMENT);
  columns[1].kind = 9;
  CHECK(dinghy_model_prefetch(handles.model, columns, 2, &status) == DINGHY_INVALID_ARGUMENT);
}

TEST_CASE("C API: a copied model handle outlives the one that it was copied from", "[c_api]") {
  const ModelFile file(Shape{});
  dinghy_model* model = nullptr;
  REQUIRE(dinghy_model_open(file.path().c_str(), &model, nullptr) == DINGHY_OK);
  dinghy_model* const copy = dinghy_model_copy(model);
  REQUIRE(copy != nullptr);
  dinghy_model_free(model);
  CHECK(dinghy_model_name(copy) == std::string("random"));
  dinghy_model_free(copy);
}

}  // namespace dinghy::tests
