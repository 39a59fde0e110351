// Pages of a shop as a memo sees them: who asks, what they did, what is offered.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "bench/memo/popular_items.h"

namespace dinghy::bench {

struct MemoPage {
  std::int64_t user = 0;
  std::vector<std::int64_t> history, candidates;  // items
};

/// Of drawn items, a category each: the item modulo this.
inline constexpr std::int64_t kCategories = 400;

/// What users did, oldest first.
struct Sequences {
  std::vector<std::vector<std::int64_t>> users;
  std::vector<std::string> items;  // by number, in the order of their first appearance

  std::vector<double> popularity() const;
};

/// Lines of "user<TAB>item item …"; what follows a colon in an item is passed over. Throws converter::Error.
Sequences read_sequences(std::istream& from);

/// The categories of items, from lines of "item<TAB>category", numbered. Throws converter::Error where one is missing.
std::vector<std::int64_t> read_categories(std::istream& from, const std::vector<std::string>& items);

/// The size of a page.
struct PageShape {
  std::size_t candidates = 100, history = 100;
};

/// `pages` pages of users whose behaviours and candidates are drawn alike; with `favourites` from so many categories,
/// which each page draws.
std::vector<MemoPage> drawn_pages(const PopularItems& items, std::size_t pages, std::size_t favourites,
                                  const PageShape& shape);

/// A page for each user in random order: candidates by popularity ^ 0.75, and the last behaviours of the sequence.
std::vector<MemoPage> pages_of_users(const Sequences& sequences, const PageShape& shape);

/// The pages of one user's device, `growth` behaviours after each other; the user with the most behaviours.
std::vector<MemoPage> pages_of_device(const Sequences& sequences, std::size_t growth, const PageShape& shape);

}  // namespace dinghy::bench
