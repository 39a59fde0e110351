// Pages one after another with a memo and without, in turns: what a memo of so many bytes saves, and how soon.
//
//   dinghy-memo-replay --items 100000 --zipf 1 --pages 6000 --bytes 268435456
//   zcat user_seq.tsv.gz | dinghy-memo-replay --sequences - --categories genres.tsv --bytes 67108864
//   dinghy-memo-replay --workload W7 --pages 100 --again 2
//
// Network and size of a page are W2's (bench/workloads/workload.h) or another's, with as many items as there are. Drawn
// items have 400 categories, of which 30 are a page's behaviours' and 30 its candidates', as in W2 (--favourites; 0:
// all). A row for each --block pages: the mean, median and 99th percentile of a request (set and score) without and
// with the memo in microseconds, the ratio of the means and of the fastest, the share of pairs that were found.
// --again plays all pages once more, as often as it says, when the memo has seen them. Scores are compared, every bit.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "bench/checked.h"
#include "bench/dinghy_bench/times.h"
#include "bench/memo/pages.h"
#include "bench/workloads/random_network.h"
#include "bench/workloads/workload.h"
#include "converter/error.h"
#include "converter/model_file/writer.h"
#include "dinghy/pair_memo.h"

namespace dinghy::bench {
namespace {

struct Options {
  std::string workload = "W2";
  std::size_t items = 3706;
  double zipf = 0;
  std::size_t pages = 1000;
  std::size_t favourites = 30;
  std::string sequences, categories;
  bool device = false;
  std::size_t bytes = std::size_t{64} << 20U;
  std::size_t block = 1000;
  std::size_t again = 0;
  std::string isa;
  std::string compute = "f32";
};

/// Pages, and the category of each item that they name.
struct Shop {
  std::vector<MemoPage> pages;
  std::vector<std::int64_t> categories;
};

const Workload& workload_of(const Options& options) {
  const Workload* const workload = find_workload(options.workload);
  if (workload == nullptr) throw converter::Error("replay", "there is no workload " + options.workload);
  return *workload;
}

PageShape page_of(const Workload& workload) { return {.candidates = workload.candidates, .history = workload.history}; }

Model make_model(const Shop& shop, const Options& options) {
  NetworkShape shape = workload_of(options).network;
  shape.items = static_cast<std::int64_t>(shop.categories.size());
  shape.categories = *std::max_element(shop.categories.begin(), shop.categories.end()) + 1;
  if (options.compute == "int8") shape.compute = format::Compute::int8;
  if (options.compute == "int16") shape.compute = format::Compute::int16;
  const std::string path = std::filesystem::temp_directory_path() / "dinghy-memo-replay.dinghy";
  converter::write_model(random_network(shape, 1), {}, {}, path);
  Model model = value(Model::open(path.c_str()));
  std::filesystem::remove(path);
  return model;
}

std::vector<std::int64_t> categories_of(const Shop& shop, const std::vector<std::int64_t>& items) {
  std::vector<std::int64_t> categories(items.size());
  std::transform(items.begin(), items.end(), categories.begin(),
                 [&](std::int64_t item) { return shop.categories[static_cast<std::size_t>(item)]; });
  return categories;
}

/// A user state and a scorer.
class Session {
 public:
  Session(const Model& model, const Shop& shop, const Options& options, const PairMemo* memo)
      : model_(model),
        shop_(shop),
        workload_(workload_of(options)),
        user_(value(UserState::create(model, {.max_history = workload_.history, .isa = options.isa}))),
        scorer_(value(Scorer::create(model, {.max_candidates = workload_.candidates,
                                             .max_history = workload_.history,
                                             .isa = options.isa,
                                             .integers = Integers::when_faster,
                                             .memo = memo}))) {}

  /// Microseconds of set and score.
  double play(const MemoPage& page, std::vector<float>& scores) {
    const auto history_categories = categories_of(shop_, page.history);
    const auto categories = categories_of(shop_, page.candidates);
    const std::int64_t user = page.user % workload_.network.users;
    const Column features[] = {Column::ids(*model_.feature("user"), {&user, 1})};
    const Column history[] = {Column::ids(*model_.feature("item"), page.history),
                              Column::ids(*model_.feature("category"), history_categories)};
    const Column candidates[] = {Column::ids(*model_.feature("item"), page.candidates),
                                 Column::ids(*model_.feature("category"), categories)};
    scores.resize(page.candidates.size());
    const auto begin = Clock::now();
    check(user_.set(features, history));
    check(scorer_.score(user_, candidates, scores));
    return microseconds(begin, Clock::now());
  }

 private:
  const Model& model_;
  const Shop& shop_;
  const Workload& workload_;
  UserState user_;
  Scorer scorer_;
};

double found_share(const PairMemo::Counters& now, const PairMemo::Counters& before) {
  const auto found = static_cast<double>(now.found - before.found);
  const auto computed = static_cast<double>(now.computed - before.computed);
  return found + computed > 0 ? found / (found + computed) : 0;
}

/// Plays pages [first, end) on both, in turns, and prints a row.
void play_block(const std::vector<MemoPage>& pages, std::size_t first, std::size_t end, const PairMemo& memo,
                Session& with, Session& without) {
  std::vector<double> computed, looked_up;
  std::vector<float> scores, expected;
  const PairMemo::Counters before = memo.counters();
  for (std::size_t p = first; p < end; ++p) {
    if (p % 2 == 0) looked_up.push_back(with.play(pages[p], scores));
    computed.push_back(without.play(pages[p], expected));
    if (p % 2 == 1) looked_up.push_back(with.play(pages[p], scores));
    if (std::memcmp(scores.data(), expected.data(), scores.size() * sizeof(float)) != 0) {
      throw converter::Error("replay", "a score with the memo differs");
    }
  }
  const Times without_times(std::move(computed)), with_times(std::move(looked_up));
  const auto pages_played = static_cast<double>(end - first);
  std::printf("%8zu %7zu %9.1f %8.1f %8.1f %9.1f %8.1f %8.1f %7.2f %7.2f %7.3f\n", first, end,
              without_times.sum() / pages_played, without_times.percentile(.5), without_times.percentile(.99),
              with_times.sum() / pages_played, with_times.percentile(.5), with_times.percentile(.99),
              without_times.sum() / with_times.sum(), without_times.percentile(0) / with_times.percentile(0),
              found_share(memo.counters(), before));
}

Shop drawn_shop(const Options& options) {
  Shop shop{.pages = drawn_pages(PopularItems(options.items, options.zipf), options.pages, options.favourites,
                                 page_of(workload_of(options))),
            .categories = std::vector<std::int64_t>(options.items)};
  for (std::size_t i = 0; i < options.items; ++i) shop.categories[i] = static_cast<std::int64_t>(i) % kCategories;
  return shop;
}

Shop real_shop(const Options& options) {
  std::ifstream file(options.sequences), categories(options.categories);
  const Sequences sequences = read_sequences(options.sequences == "-" ? std::cin : file);
  const PageShape shape = page_of(workload_of(options));
  return {.pages = options.device ? pages_of_device(sequences, 5, shape) : pages_of_users(sequences, shape),
          .categories = read_categories(categories, sequences.items)};
}

void run(const Options& options) {
  const Shop shop = options.sequences.empty() ? drawn_shop(options) : real_shop(options);
  const std::vector<MemoPage>& pages = shop.pages;
  const Model model = make_model(shop, options);
  const PairMemo memo = value(PairMemo::create(model, {.bytes = options.bytes, .isa = options.isa}));
  Session with(model, shop, options, &memo), without(model, shop, options, nullptr);
  std::printf("%zu items, %zu pages, a memo of %zu bytes with room for %llu pairs\n", shop.categories.size(),
              pages.size(), memo.bytes(), static_cast<unsigned long long>(memo.counters().room));
  std::printf("   pages      to   without      p50      p99      with      p50      p99   ratio fastest   found\n");
  for (std::size_t round = 0; round <= options.again; ++round) {
    for (std::size_t p = 0; p < pages.size(); p += options.block) {
      play_block(pages, p, std::min(p + options.block, pages.size()), memo, with, without);
    }
  }
  const PairMemo::Counters counters = memo.counters();
  std::printf("items %llu, pairs: found %llu, computed %llu, kept %llu, replaced %llu\n",
              static_cast<unsigned long long>(counters.items), static_cast<unsigned long long>(counters.found),
              static_cast<unsigned long long>(counters.computed), static_cast<unsigned long long>(counters.kept),
              static_cast<unsigned long long>(counters.replaced));
}

}  // namespace
}  // namespace dinghy::bench

int main(int argc, char** argv) {
  dinghy::bench::Options options;
  CLI::App app("Replays pages with a memo and without, in turns.");
  app.add_option("--workload", options.workload, "whose network, candidates and behaviours");
  app.add_option("--items", options.items, "items of the catalogue");
  app.add_option("--zipf", options.zipf, "items are drawn by rank ^ -ZIPF; 0: all alike");
  app.add_option("--pages", options.pages, "pages that are drawn");
  app.add_option("--favourites", options.favourites, "categories of a drawn page; 0: all");
  auto* const real = app.add_option("--sequences", options.sequences,
                                    "pages of users instead: lines of user<TAB>item item …; -: stdin");
  app.add_option("--categories", options.categories, "of their items: lines of item<TAB>category")->needs(real);
  app.add_flag("--device", options.device, "of one user alone, five behaviours after each other");
  app.add_option("--bytes", options.bytes, "of the memo");
  app.add_option("--block", options.block, "pages of a row");
  app.add_option("--again", options.again, "how often the pages come again");
  app.add_option("--isa", options.isa, "the ISA; default: the best");
  app.add_option("--compute", options.compute, "f32, int16 or int8")->check(CLI::IsMember({"f32", "int16", "int8"}));
  CLI11_PARSE(app, argc, argv);
  try {
    dinghy::bench::run(options);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dinghy-memo-replay: %s\n", error.what());
    return 1;
  }
}
