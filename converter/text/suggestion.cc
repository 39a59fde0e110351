#include "converter/text/suggestion.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

/// Insertions, deletions and substitutions that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substitution = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substitution, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string listed(std::span<const std::string> names) {
  if (names.empty()) return "(none)";
  std::string text = names.front();
  for (const std::string& name : names.subspan(1)) text += ", " + name;
  return text;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> known) {
  constexpr std::size_t kLongest = 100;  // nobody's slip of the pen; keeps hostile names cheap
  if (name.size() > kLongest) return {};
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
  const std::string* best = nullptr;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongest) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best_distance = distance;
      best = &candidate;
    }
  }
  return best ? " (did you mean " + in_quotes(*best) + "?)" : std::string();
}

}  // namespace dinghy::converter
