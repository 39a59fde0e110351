#include "bench/memo/pages.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include "converter/error.h"

namespace dinghy::bench {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr double kCandidateExponent = 0.75;

/// Of some categories only, where any are given.
std::vector<std::int64_t> draw_items(const PopularItems& items, std::size_t count, std::mt19937_64& bits,
                                     const std::set<std::int64_t>& categories = {}) {
  std::vector<std::int64_t> drawn;
  while (drawn.size() < count) {
    const std::int64_t item = items.draw(bits);
    if (categories.empty() || categories.contains(item % kCategories)) drawn.push_back(item);
  }
  return drawn;
}

std::set<std::int64_t> draw_categories(std::size_t count, std::mt19937_64& bits) {
  std::set<std::int64_t> drawn;
  while (drawn.size() < count) drawn.insert(static_cast<std::int64_t>(bits() % kCategories));
  return drawn;
}

std::vector<std::int64_t> last_of(const std::vector<std::int64_t>& items, std::size_t end, std::size_t count) {
  const auto stop = items.begin() + static_cast<std::ptrdiff_t>(end);
  return {stop - static_cast<std::ptrdiff_t>(std::min(count, end)), stop};
}

}  // namespace

std::vector<double> Sequences::popularity() const {
  std::vector<double> counts(items.size(), 0);
  for (const auto& user : users) {
    for (const std::int64_t item : user) counts[static_cast<std::size_t>(item)] += 1;
  }
  return counts;
}

Sequences read_sequences(std::istream& from) {
  Sequences sequences;
  std::map<std::string, std::int64_t> numbers;
  std::string line;
  while (std::getline(from, line)) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) throw converter::Error("sequences", "a line has no tab behind the user");
    std::istringstream items(line.substr(tab + 1));
    std::vector<std::int64_t>& user = sequences.users.emplace_back();
    for (std::string item; items >> item;) {
      const auto next = static_cast<std::int64_t>(numbers.size());
      const auto [number, is_new] = numbers.emplace(item.substr(0, item.find(':')), next);
      if (is_new) sequences.items.push_back(number->first);
      user.push_back(number->second);
    }
  }
  if (numbers.empty()) throw converter::Error("sequences", "there are none");
  return sequences;
}

std::vector<std::int64_t> read_categories(std::istream& from, const std::vector<std::string>& items) {
  std::map<std::string, std::int64_t> numbers, by_item;
  std::string line;
  while (std::getline(from, line)) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) throw converter::Error("categories", "a line has no tab behind the item");
    const auto next = static_cast<std::int64_t>(numbers.size());
    by_item[line.substr(0, tab)] = numbers.emplace(line.substr(tab + 1), next).first->second;
  }
  std::vector<std::int64_t> categories;
  for (const std::string& item : items) {
    const auto found = by_item.find(item);
    if (found == by_item.end()) throw converter::Error("categories", "there is none of item " + item);
    categories.push_back(found->second);
  }
  return categories;
}

std::vector<MemoPage> drawn_pages(const PopularItems& items, std::size_t pages, std::size_t favourites,
                                  const PageShape& shape) {
  std::mt19937_64 bits(kSeed);
  std::vector<MemoPage> drawn;
  for (std::size_t p = 0; p < pages; ++p) {
    drawn.push_back({.user = static_cast<std::int64_t>(p),
                     .history = draw_items(items, shape.history, bits, draw_categories(favourites, bits)),
                     .candidates = draw_items(items, shape.candidates, bits, draw_categories(favourites, bits))});
  }
  return drawn;
}

std::vector<MemoPage> pages_of_users(const Sequences& sequences, const PageShape& shape) {
  std::mt19937_64 bits(kSeed);
  const PopularItems items(sequences.popularity(), kCandidateExponent);
  std::vector<std::size_t> order(sequences.users.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), bits);
  std::vector<MemoPage> pages;
  for (const std::size_t u : order) {
    const auto& behaviors = sequences.users[u];
    pages.push_back({.user = static_cast<std::int64_t>(u),
                     .history = last_of(behaviors, behaviors.size(), shape.history),
                     .candidates = draw_items(items, shape.candidates, bits)});
  }
  return pages;
}

std::vector<MemoPage> pages_of_device(const Sequences& sequences, std::size_t growth, const PageShape& shape) {
  std::mt19937_64 bits(kSeed);
  const PopularItems items(sequences.popularity(), kCandidateExponent);
  const auto longest = std::max_element(sequences.users.begin(), sequences.users.end(),
                                        [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::vector<MemoPage> pages;
  for (std::size_t end = shape.history; end <= longest->size(); end += growth) {
    pages.push_back({.user = longest - sequences.users.begin(),
                     .history = last_of(*longest, end, shape.history),
                     .candidates = draw_items(items, shape.candidates, bits)});
  }
  return pages;
}

}  // namespace dinghy::bench
