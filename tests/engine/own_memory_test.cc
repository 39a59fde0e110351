// The engine in memory of the application's, and how much of it an object takes.
#include "tests/engine/own_memory.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>
#include <string>

#include "dinghy/isa.h"
#include "dinghy/memory.h"
#include "dinghy/pair_memo.h"
#include "tests/engine/allocation_hooks.h"
#include "tests/engine/c_handles.h"
#include "tests/engine/golden_rows.h"
#include "tests/engine/random_network.h"
#include "tests/engine/random_numbers.h"
#include "tests/engine/request.h"
#include "tests/fuzz/drawn_shape.h"

namespace dinghy::tests {
namespace {

const Shape kEverything{.query_layer = true,
                        .two_interests = true,
                        .history_sums = true,
                        .dense_and_bag = true,
                        .biases = true,
                        .mlps = true,
                        .content = true,
                        .compute = format::Compute::int8};

/// Every call of the C API that allocates, and scoring; true when all succeed.
bool run_session(const std::string& path, dinghy_code (*open)(const char*, dinghy_model**, dinghy_status*)) {
  dinghy_model* model = nullptr;
  dinghy_user_state* user = nullptr;
  dinghy_scorer* scorer = nullptr;
  size_t bytes = 0;
  bool all = open(path.c_str(), &model, nullptr) == DINGHY_OK;
  dinghy_model* const copy = all ? dinghy_model_copy(model) : nullptr;
  all = all && copy != nullptr && dinghy_model_verify(model, nullptr) == DINGHY_OK;
  all = all && dinghy_model_selftest(model, "reference", nullptr) == DINGHY_OK;
  all = all && dinghy_user_state_size(model, nullptr, &bytes, nullptr) == DINGHY_OK;
  all = all && dinghy_scorer_size(model, nullptr, &bytes, nullptr) == DINGHY_OK;
  all = all && dinghy_user_state_create(model, nullptr, &user, nullptr) == DINGHY_OK;
  all = all && dinghy_scorer_create(model, nullptr, &scorer, nullptr) == DINGHY_OK;
  dinghy_model_free(model);
  dinghy_model_free(copy);
  dinghy_user_state_free(user);
  dinghy_scorer_free(scorer);
  return all;
}

/// What `create` makes takes as many bytes as were said before, whatever it had to borrow meanwhile.
template <class Create>
void check_bytes(std::size_t said, Create create) {
  const std::size_t before = pool_state().live_bytes;
  const auto made = create();
  REQUIRE(made.ok());
  CHECK(pool_state().live_bytes - before == said);
}
template <class Handle, class Options>
void check_c_bytes(const dinghy_model* model, const Options& options,
                   dinghy_code (*size)(const dinghy_model*, const Options*, size_t*, dinghy_status*),
                   dinghy_code (*create)(const dinghy_model*, const Options*, Handle**, dinghy_status*),
                   void (*free)(Handle*)) {
  std::size_t said = 0;
  Handle* handle = nullptr;
  const std::size_t before = pool_state().live_bytes;
  REQUIRE(size(model, &options, &said, nullptr) == DINGHY_OK);
  CHECK(pool_state().live_bytes == before);
  REQUIRE(create(model, &options, &handle, nullptr) == DINGHY_OK);
  CHECK(pool_state().live_bytes - before == said);
  free(handle);
  CHECK(pool_state().live_bytes == before);
}

/// A memo takes what it says, where the model has one, and a scorer with it more than without.
void check_memo_bytes(const Model& model, ScorerOptions scorer) {
  const std::size_t before = pool_state().live_bytes;
  const auto memo = PairMemo::create(model, {.bytes = 1 << 20U, .isa = scorer.isa});
  if (!memo.ok()) return;
  CHECK(pool_state().live_bytes - before == memo->bytes());
  scorer.memo = &*memo;
  check_bytes(*Scorer::size(model, scorer), [&] { return Scorer::create(model, scorer); });
}

void check_sizes(const Shape& shape, std::size_t candidates, std::size_t history) {
  const ModelFile file(shape);
  const Model model = file.open();
  dinghy_model* c_model = nullptr;
  REQUIRE(dinghy_model_open(file.path().c_str(), &c_model, nullptr) == DINGHY_OK);
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name, candidates, history);
    const UserOptions user{.max_history = history, .isa = isa.name};
    const ScorerOptions scorer{.max_candidates = candidates, .max_history = history, .isa = isa.name};
    check_memo_bytes(model, scorer);
    check_bytes(*UserState::size(model, user), [&] { return UserState::create(model, user); });
    check_bytes(*Scorer::size(model, scorer), [&] { return Scorer::create(model, scorer); });
    check_c_bytes(c_model, dinghy_user_options{sizeof(dinghy_user_options), history, isa.name}, dinghy_user_state_size,
                  dinghy_user_state_create, dinghy_user_state_free);
    check_c_bytes(c_model,
                  dinghy_scorer_options{sizeof(dinghy_scorer_options), candidates, history, isa.name, 0, nullptr},
                  dinghy_scorer_size, dinghy_scorer_create, dinghy_scorer_free);
  }
  dinghy_model_free(c_model);
}

}  // namespace

TEST_CASE("own memory: all of it comes from the application's allocator, none from malloc", "[memory][system]") {
  REQUIRE(pool_is_installed());
  const converter::Network network = random_network(kEverything);
  const ModelFile bare(network);
  const ModelFile file(network, golden_rows(bare.open()));
  for (const auto open : {dinghy_model_open, dinghy_model_read}) {
    const PoolState before = pool_state();
    const AllocationCounts malloc_before = allocation_counts();
    const bool succeeded = run_session(file.path(), open);
    CHECK(allocation_counts() == malloc_before);
    CHECK(succeeded);
    const PoolState after = pool_state();
    CHECK(after.allocations > before.allocations + 20);
    CHECK(after.live_blocks == before.live_blocks);
    CHECK(after.sound);
  }
}

TEST_CASE("own memory: scores are those that malloc's memory gives", "[memory]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const Request request = random_request(model, 7, 20, 1);
  const std::vector<float> expected = score(model, request, "reference").scores;
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    const std::vector<float> got = score(model, request, isa.name).scores;
    for (std::size_t n = 0; n < got.size(); ++n) CHECK(std::abs(got[n] - expected[n]) <= 1e-5f);
  }
  CHECK(pool_state().sound);
}

TEST_CASE("own memory: an allocator that gives nothing, or a wrong place, is out_of_memory", "[memory]") {
  const ModelFile file(kEverything);
  const Model model = file.open();
  const std::size_t live = pool_state().live_blocks;
  const auto codes = [&] {
    return std::vector<Code>{Model::open(file.path().c_str()).status().code(), UserState::create(model).status().code(),
                             Scorer::create(model).status().code()};
  };
  misalign_pool(true);
  CHECK(codes() == std::vector<Code>(3, Code::out_of_memory));
  misalign_pool(false);
  CHECK(codes() == std::vector<Code>(3, Code::ok));
  std::size_t failures = 0;
  for (;; ++failures) {
    fail_pool(failures + 1);
    const std::vector<Code> got = codes();
    fail_pool(0);
    if (!pool_has_failed()) break;
    CHECK(std::count(got.begin(), got.end(), Code::out_of_memory) == 1);
    CHECK(pool_state().live_blocks == live);
  }
  CHECK(failures > 20);
  CHECK(pool_state().sound);
}

TEST_CASE("own memory: a second allocator, or half of one, is refused", "[memory]") {
  const Allocator whole{[](void*, std::size_t, std::size_t) -> void* { return nullptr; },
                        [](void*, void*, std::size_t, std::size_t) {}, nullptr};
  CHECK(set_allocator(whole).code() == Code::invalid_argument);
  for (const Allocator& half :
       {Allocator{whole.allocate, nullptr, nullptr}, Allocator{nullptr, whole.release, nullptr}}) {
    const Status status = set_allocator(half);
    CHECK(status.code() == Code::invalid_argument);
    CHECK_THAT(status.message(), Catch::Matchers::ContainsSubstring("both allocate and release"));
  }
  dinghy_status status;
  CHECK(dinghy_set_allocator(nullptr, &status) == DINGHY_INVALID_ARGUMENT);
  CHECK(status.message == std::string("allocator is NULL"));
  const ModelFile file(Shape{});
  CHECK(Model::open(file.path().c_str()).ok());
}

TEST_CASE("own memory: the sizes said before creation are those of what is created", "[memory][repeats]") {
  for (const format::Compute compute : {format::Compute::f32, format::Compute::int16, format::Compute::int8}) {
    Shape shape = kEverything;
    shape.compute = compute;
    check_sizes(shape, 0, 0);
    check_sizes(shape, 200, 100);
  }
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Shape shape =
        fuzz::draw_shape([&](std::uint32_t bound) { return static_cast<std::uint32_t>(random.below(bound)); });
    check_sizes(shape, random.below(120), random.below(120));
  }
  CHECK(pool_state().sound);
}

TEST_CASE("own memory: asking for a size is refused where creation is", "[memory]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  for (const std::size_t many : {std::numeric_limits<std::size_t>::max(), std::size_t{1} << (sizeof(void*) * 7)}) {
    CHECK(UserState::size(model, {.max_history = many}).status().code() ==
          UserState::create(model, {.max_history = many}).status().code());
    CHECK(Scorer::size(model, {.max_candidates = many}).status().code() ==
          Scorer::create(model, {.max_candidates = many}).status().code());
  }
  CHECK(UserState::size(model, {.isa = "none"}).status().code() == Code::unknown_isa);
  const Handles handles(file);
  std::size_t bytes = 1;
  const dinghy_scorer_options options{sizeof options, 1, 1, "none", 0, nullptr};
  CHECK(dinghy_scorer_size(handles.model, &options, &bytes, nullptr) == DINGHY_UNKNOWN_ISA);
  CHECK(bytes == 0);
  CHECK(dinghy_scorer_size(handles.model, nullptr, nullptr, nullptr) == DINGHY_INVALID_ARGUMENT);
  CHECK(dinghy_user_state_size(nullptr, nullptr, &bytes, nullptr) == DINGHY_INVALID_ARGUMENT);
}

}  // namespace dinghy::tests
