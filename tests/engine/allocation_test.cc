#include "tests/engine/allocation_hooks.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <new>
#include <string>

#include "dinghy/dinghy.h"
#include "dinghy/isa.h"
#include "dinghy/pair_memo.h"
#include "engine/network/lookup.h"
#include "tests/engine/aligned_bytes.h"
#include "tests/engine/golden_rows.h"
#include "tests/engine/prepared_session.h"
#include "tests/engine/random_network.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

/// Every part that a network can have.
const Shape kEverything{.pad_to = 40,
                        .query_layer = true,
                        .post_layer = true,
                        .two_interests = true,
                        .history_sums = true,
                        .products = true,
                        .dense_and_bag = true,
                        .biases = true,
                        .mlps = true,
                        .mixed_fields = true,
                        .content = true};

/// Layers of the attention with their weights as integers.
const Shape kIntegers{.compute = format::Compute::int8};

/// Layers of the attention that depend on the position in a padded history.
const Shape kByPosition{.attention_activation = format::ActivationKind::prelu_position,
                        .pads = format::Pads::attend,
                        .pad_to = 40,
                        .max_length = 40,
                        .positions = 40};

/// Keeps the compiler from dropping an allocation that nobody uses.
void* kept(void* memory) {
  asm volatile("" : "+r"(memory) : : "memory");
  return memory;
}

/// What `call` allocated and freed.
template <class Call>
AllocationCounts counts_of(Call call) {
  const AllocationCounts before = allocation_counts();
  call();
  const AllocationCounts after = allocation_counts();
  return {after.allocations - before.allocations, after.frees - before.frees};
}

/// Makes `create`, which frees what it made and returns the code, fail at its first allocation, its second … until it
/// needs no more, and checks each outcome. There have to be at least `least` of them.
template <class Create>
void check_out_of_memory(Create create, std::size_t least = 2) {
  (void)create();  // what the C++ runtime allocates once
  std::size_t failures = 0;
  for (;; ++failures) {
    Code code = Code::ok;
    const AllocationCounts counts = counts_of([&] {
      fail_allocation(failures + 1);
      code = create();
      fail_allocation(0);
    });
    CAPTURE(failures);
    CHECK(counts.allocations == counts.frees);
    if (!allocation_has_failed()) {
      CHECK(code == Code::ok);
      break;
    }
    CHECK(code == Code::out_of_memory);
  }
  CHECK(failures >= least);
}

/// The code of a C++ call's result, or of a C call that fills a handle and a status.
template <class T>
Code code_of(const Result<T>& result) {
  return result.status().code();
}
template <class Handle, class Create>
Code code_of(Create create, void (*free)(Handle*)) {
  Handle* handle = nullptr;
  dinghy_status status;
  const dinghy_code code = create(&handle, &status);
  const bool consistent = code == status.code && (handle != nullptr) == (code == DINGHY_OK);
  free(handle);
  return consistent ? static_cast<Code>(code) : Code::invalid_argument;
}

bool is_mapped(const std::string& path) {
  std::ifstream maps("/proc/self/maps");
  const std::string text((std::istreambuf_iterator<char>(maps)), std::istreambuf_iterator<char>());
  return text.find(path) != std::string::npos;
}

}  // namespace

TEST_CASE("allocation: the hooks see every way to allocate", "[system][repeats]") {
  const AllocationCounts once{1, 1};
  struct alignas(128) Wide {
    char bytes[128];
  };
  CHECK(counts_of([] { std::free(kept(std::malloc(8))); }) == once);
  CHECK(counts_of([] { std::free(kept(std::calloc(2, 8))); }) == once);
  CHECK(counts_of([] { std::free(kept(std::aligned_alloc(64, 64))); }) == once);
  CHECK(counts_of([] {
          void* memory = nullptr;
          if (::posix_memalign(&memory, 64, 64) == 0) std::free(kept(memory));
        }) == once);
  CHECK(counts_of([] { std::free(kept(std::realloc(kept(std::malloc(8)), 4096))); }) == AllocationCounts{2, 2});
  CHECK(counts_of([] { delete static_cast<int*>(kept(new int)); }) == once);
  CHECK(counts_of([] { delete[] static_cast<int*>(kept(new int[9])); }) == once);
  CHECK(counts_of([] { delete static_cast<int*>(kept(new (std::nothrow) int)); }) == once);
  CHECK(counts_of([] { delete static_cast<Wide*>(kept(new Wide)); }) == once);
  CHECK(counts_of([] { delete[] static_cast<Wide*>(kept(new (std::nothrow) Wide[2])); }) == once);
  CHECK(counts_of([] {}) == AllocationCounts{});
}

TEST_CASE("allocation: set, append, score and rescore allocate nothing on any ISA, however often they run",
          "[system][repeats]") {
  for (const Shape& shape : {Shape{}, kEverything, kByPosition,
                             Shape{.normalizer = format::Normalizer::raw, .mask = format::Mask::all_ids}}) {
    const ModelFile file(shape);
    const Model model = file.open();
    for (const Isa& isa : isas()) {
      if (!isa.available) continue;
      CAPTURE(isa.name);
      PreparedSession session(model, isa.name);
      bool all_succeeded = true;
      const std::size_t rounds = isa.name == std::string_view("reference") ? 3 : 100;
      const AllocationCounts counts = counts_of([&] {
        for (std::size_t round = 0; round < rounds; ++round) {
          all_succeeded = session.run() == PreparedSession::Outcome{5 * session.requests(), 0} && all_succeeded;
        }
      });
      CHECK(all_succeeded);
      CHECK(counts == AllocationCounts{});
    }
  }
}

TEST_CASE("allocation: scoring with a memo allocates nothing on any ISA, while it fills and when it is full",
          "[system][repeats]") {
  for (const Shape& shape : {Shape{}, kIntegers}) {
    const ModelFile file(shape);
    const Model model = file.open();
    for (const Isa& isa : isas()) {
      if (!isa.available) continue;
      CAPTURE(isa.name);
      const PairMemo memo = small_memo(model, isa.name);
      PreparedSession session(model, isa.name, &memo);
      bool all_succeeded = true;
      CHECK(counts_of([&] {
              for (int round = 0; round < 3; ++round) {
                all_succeeded = session.run() == PreparedSession::Outcome{5 * session.requests(), 0} && all_succeeded;
              }
            }) == AllocationCounts{});
      CHECK(all_succeeded);
    }
  }
}

TEST_CASE("allocation: ids that go through a vocabulary of numbers or strings, or through a hash, allocate nothing",
          "[system][repeats]") {
  const auto counts_with = [](const converter::Network& network, const auto& keys) {
    const ModelFile file(network);
    const Model model = file.open();
    const network::Table& table = items_of(model);
    std::size_t found = 0;
    const AllocationCounts counts = counts_of([&] {
      for (const auto& key : keys) found += network::look_up(table, key).row != nullptr;
    });
    CHECK(found == keys.size() - 1);
    return counts;
  };
  const std::vector<std::int64_t> ids = {5, -7, 1000000, 3};
  const std::vector<std::string_view> strings = {"item-0", "item-49",
                                                 "no such item, and a name too long to be a short one"};
  const std::vector<std::int64_t> known(ids.begin(), ids.end() - 1);
  CHECK(counts_with(network_with(numbered(known)), ids) == AllocationCounts{});
  CHECK(counts_with(network_with(numbered(item_keys())), strings) == AllocationCounts{});
  converter::Network hashed = random_network({});
  item_table(hashed).hash = format::IdHash::farmhash64_decimal_keep_zero;
  item_table(hashed).hash_buckets = kItems;
  const ModelFile file(hashed);
  const Model model = file.open();
  CHECK(counts_of([&] {
          for (std::int64_t id = -500; id < 500; ++id) (void)network::look_up(items_of(model), id);
        }) == AllocationCounts{});
}

TEST_CASE("allocation: calls that end in an error allocate nothing on any ISA", "[system][repeats]") {
  for (const Shape& shape : {Shape{}, kEverything}) {
    const ModelFile file(shape);
    const Model model = file.open();
    for (const Isa& isa : isas()) {
      if (!isa.available) continue;
      CAPTURE(isa.name);
      PreparedSession session(model, isa.name);
      PreparedSession::Outcome outcome;
      CHECK(counts_of([&] { outcome = session.run_wrong(); }) == AllocationCounts{});
      CHECK(outcome.refused >= 10 * session.requests());
    }
  }
}

TEST_CASE("allocation: without memory a model, a user state or a scorer is an error, and nothing leaks",
          "[system][repeats]") {
  const ModelFile file(kEverything), integers(kIntegers);
  check_out_of_memory([&] { return code_of(Model::open(file.path().c_str())); });
  check_out_of_memory([&] { return code_of(Model::open(integers.path().c_str())); });
  CHECK_FALSE(is_mapped(file.path()));
  const Model model = file.open();
  CHECK(is_mapped(file.path()));
  for (const Isa& isa : isas()) {
    if (!isa.available) continue;
    CAPTURE(isa.name);
    check_out_of_memory([&] { return code_of(UserState::create(model, {.isa = isa.name})); });
    check_out_of_memory([&] { return code_of(Scorer::create(model, {.isa = isa.name})); });
    const Model plain = integers.open();
    check_out_of_memory([&] { return code_of(PairMemo::create(plain, {.bytes = 1 << 20U, .isa = isa.name})); });
  }
}

TEST_CASE("allocation: without memory a self-test is an error, and nothing leaks", "[system][repeats]") {
  const converter::Network network = random_network(kEverything);
  const ModelFile bare(network);
  const ModelFile file(network, golden_rows(bare.open()));
  const Model model = file.open();
  check_out_of_memory([&] { return model.selftest("reference").code(); });
}

TEST_CASE("allocation: without memory a model from memory or from a copy of its file is an error, and nothing leaks",
          "[system][repeats]") {
  const ModelFile file(kEverything);
  const AlignedBytes bytes(file.bytes());
  check_out_of_memory([&] { return code_of(Model::from_memory(bytes.span())); });
  check_out_of_memory([&] { return code_of(Model::read(file.path().c_str())); });
  CHECK_FALSE(is_mapped(file.path()));
}

TEST_CASE("allocation: without memory every handle of the C API is an error and NULL, and nothing leaks",
          "[system][repeats]") {
  const ModelFile file(kEverything);
  const AlignedBytes bytes(file.bytes());
  check_out_of_memory([&] {
    return code_of<dinghy_model>(
        [&](auto** to, auto* status) { return dinghy_model_open(file.path().c_str(), to, status); }, dinghy_model_free);
  });
  CHECK_FALSE(is_mapped(file.path()));
  check_out_of_memory([&] {
    return code_of<dinghy_model>(
        [&](auto** to, auto* status) {
          return dinghy_model_from_memory(bytes.span().data(), bytes.span().size(), to, status);
        },
        dinghy_model_free);
  });
  dinghy_model* model = nullptr;
  REQUIRE(dinghy_model_open(file.path().c_str(), &model, nullptr) == DINGHY_OK);
  check_out_of_memory([&] {
    return code_of<dinghy_user_state>(
        [&](auto** to, auto* status) { return dinghy_user_state_create(model, nullptr, to, status); },
        dinghy_user_state_free);
  });
  const ModelFile plain(kIntegers);
  dinghy_model* plain_model = nullptr;
  REQUIRE(dinghy_model_open(plain.path().c_str(), &plain_model, nullptr) == DINGHY_OK);
  check_out_of_memory([&] {
    return code_of<dinghy_pair_memo>(
        [&](auto** to, auto* status) { return dinghy_pair_memo_create(plain_model, nullptr, to, status); },
        dinghy_pair_memo_free);
  });
  dinghy_model_free(plain_model);
  check_out_of_memory([&] {
    return code_of<dinghy_scorer>(
        [&](auto** to, auto* status) { return dinghy_scorer_create(model, nullptr, to, status); }, dinghy_scorer_free);
  });
  const auto copy = [&] {  // has no status: NULL says it
    dinghy_model* const copied = dinghy_model_copy(model);
    dinghy_model_free(copied);
    return copied == nullptr ? Code::out_of_memory : Code::ok;
  };
  check_out_of_memory(copy, 1);
  dinghy_model_free(model);
}

}  // namespace dinghy::tests
