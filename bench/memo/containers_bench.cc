// The memo's containers at the sizes of a request: 100 candidates x 100 behaviours looked up, 200 items numbered. Every
// request is another one of many that were inserted before, so that a table is read over its whole size.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "bench/memo/popular_items.h"
#include "engine/memo/item_numbers.h"
#include "engine/memo/pair_table.h"

namespace dinghy::bench {
namespace {

using memo::ItemNumbers, memo::Layout, memo::PairTable, memo::Shape;

constexpr std::size_t kSide = 100, kPairs = kSide * kSide;

struct alignas(64) Line {
  std::byte bytes[64];
};
using Block = std::vector<Line>;

Block block_of(std::uint64_t bytes) { return Block(static_cast<std::size_t>(bytes / sizeof(Line))); }

struct Page {
  std::vector<std::uint32_t> queries, behaviors;
};

/// Draws pages by popularity ^ exponent.
class Draw {
 public:
  Draw(std::uint32_t items, double exponent) : items_(items, exponent) {}
  Page page() { return {items(), items()}; }

 private:
  /// Distinct ones, as the plan of a request leaves them.
  std::vector<std::uint32_t> items() {
    std::vector<std::uint32_t> drawn(kSide);
    for (std::uint32_t& item : drawn) item = static_cast<std::uint32_t>(items_.draw(random_));
    std::sort(drawn.begin(), drawn.end());
    drawn.erase(std::unique(drawn.begin(), drawn.end()), drawn.end());
    std::shuffle(drawn.begin(), drawn.end(), random_);
    return drawn;
  }

  PopularItems items_;
  std::mt19937_64 random_{1};
};

struct Counts {
  std::size_t pairs = 0, missing = 0;
};

/// What a request does with the table; `insert` is whether what is missing goes into it.
Counts look_up(PairTable& table, const Page& page, bool insert) {
  std::uint32_t missing[kSide];
  float logits[kSide];
  Counts counts;
  for (const std::uint32_t query : page.queries) {
    const std::size_t misses = table.find(query, page.behaviors.data(), page.behaviors.size(), logits, missing);
    counts.pairs += page.behaviors.size();
    counts.missing += misses;
    if (!insert) continue;
    std::fill_n(logits, kSide, 0.5f);
    table.insert(query, page.behaviors.data(), missing, misses, logits);
  }
  return counts;
}

Shape shape_of(const benchmark::State& state) {
  const auto bits = static_cast<std::uint32_t>(state.range(1));
  return {.fields = 1,
          .items = static_cast<std::uint32_t>(state.range(0)),
          .layout = bits == 0 ? Layout::dense : Layout::hashed,
          .bucket_bits = bits};
}

/// Pages that were all inserted before: `time` is of 10,000 pairs.
void find_pairs(benchmark::State& state) {
  const Shape shape = shape_of(state);
  Block block = block_of(memo::sizes_of(shape).value().pairs);
  PairTable table(shape, block.front().bytes);
  Draw draw(shape.items, 0);
  std::vector<Page> pages(static_cast<std::size_t>(state.range(2)));
  for (Page& page : pages) look_up(table, page = draw.page(), true);
  Counts counts;
  std::size_t next = 0;
  for (auto _ : state) {
    const Counts now = look_up(table, pages[next], false);
    next = (next + 1) % pages.size();
    counts.pairs += now.pairs;
    counts.missing += now.missing;
  }
  const auto pairs = static_cast<double>(counts.pairs);
  state.counters["found"] = 1 - static_cast<double>(counts.missing) / pairs;
  state.counters["time/10000"] =
      benchmark::Counter(pairs / kPairs, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Pages of which nothing is there yet; a table that is full by and by.
void insert_pairs(benchmark::State& state) {
  const Shape shape = shape_of(state);
  Block block = block_of(memo::sizes_of(shape).value().pairs);
  PairTable table(shape, block.front().bytes);
  std::mt19937 random(1);
  std::vector<std::uint32_t> behaviors(kSide), places(kSide);
  std::iota(places.begin(), places.end(), 0U);
  const std::vector<float> logits(kSide, 0.5f);
  std::size_t inserted = 0;
  for (auto _ : state) {
    for (std::uint32_t& item : behaviors) item = static_cast<std::uint32_t>(random() % shape.items);
    for (std::size_t i = 0; i < kSide; ++i) {
      inserted += table
                      .insert(static_cast<std::uint32_t>(random() % shape.items), behaviors.data(), places.data(),
                              kSide, logits.data())
                      .inserted;
    }
  }
  state.counters["inserted"] = benchmark::Counter(static_cast<double>(inserted), benchmark::Counter::kAvgIterations);
}

/// The share of pairs found, drawn by Zipf(1.0) from 100,000 items, once the table is full: of the last tenth of pages.
void zipf_pairs(benchmark::State& state) {
  const Shape shape = shape_of(state);
  Counts counts;
  for (auto _ : state) {
    Block block = block_of(memo::sizes_of(shape).value().pairs);
    PairTable table(shape, block.front().bytes);
    Draw draw(shape.items, 1);
    const auto pages = state.range(2);
    for (std::int64_t i = 0; i < pages; ++i) {
      const Counts now = look_up(table, draw.page(), true);
      if (i < pages - pages / 10) continue;
      counts.pairs += now.pairs;
      counts.missing += now.missing;
    }
  }
  state.counters["found"] = 1 - static_cast<double>(counts.missing) / static_cast<double>(counts.pairs);
}

/// 200 items, all of which have numbers; `time` is of one.
void find_items(benchmark::State& state) {
  const auto items = static_cast<std::uint32_t>(state.range(0)), fields = static_cast<std::uint32_t>(state.range(1));
  Block block = block_of(ItemNumbers::bytes(items, fields));
  const Shape shape{.fields = fields, .items = items, .layout = Layout::dense, .bucket_bits = 0};
  ItemNumbers numbers(shape, block.front().bytes);
  const auto tuple_of = [&](std::uint64_t item, std::vector<std::uint64_t>& to) {
    for (std::uint32_t f = 0; f < fields; ++f)
      to.push_back((std::uint64_t{f} << 30U) + (f == 0 ? item : item % 400) * 256);
  };
  std::vector<std::uint64_t> tuples;
  std::uint32_t number = 0;
  for (std::uint32_t i = 0; i < items; ++i) {
    tuples.clear();
    tuple_of(i, tuples);
    numbers.find_or_insert(tuples.data(), 1, &number);
  }
  constexpr std::size_t kItems = 2 * kSide, kPages = 256;
  std::mt19937 random(1);
  std::vector<std::vector<std::uint64_t>> pages(kPages);
  for (auto& page : pages) {
    for (std::size_t i = 0; i < kItems; ++i) tuple_of(random() % items, page);
  }
  std::vector<std::uint32_t> found(kItems);
  std::size_t next = 0;
  for (auto _ : state) {
    numbers.find_or_insert(pages[next].data(), kItems, found.data());
    benchmark::DoNotOptimize(found.data());
    next = (next + 1) % kPages;
  }
  state.counters["time/item"] =
      benchmark::Counter(kItems, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// Items, the logarithm of the number of buckets (0: dense), pages.
BENCHMARK(find_pairs)
    ->Args({3706, 0, 1000})
    ->Args({100000, 14, 4})
    ->Args({100000, 18, 100})
    ->Args({100000, 21, 1000})
    ->Args({100000, 22, 2000})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(insert_pairs)->Args({3706, 0})->Args({100000, 17})->Args({100000, 21})->Unit(benchmark::kMicrosecond);
BENCHMARK(zipf_pairs)
    ->Args({100000, 17, 1000})
    ->Args({100000, 19, 3000})
    ->Args({100000, 21, 10000})
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
BENCHMARK(find_items)->Args({3706, 2})->Args({100000, 1})->Args({100000, 2})->Args({100000, 5})->Args({1000000, 2});

}  // namespace
}  // namespace dinghy::bench

BENCHMARK_MAIN();
