#include "converter/golden/error_pattern.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "converter/golden/comparison.h"
#include "converter/text/quotes.h"
#include "converter/text/suggestion.h"

namespace dinghy::converter {
namespace {

struct Count {
  std::size_t wrong = 0, right = 0;

  void add(bool is_wrong) { ++(is_wrong ? wrong : right); }
};

// A rule fits when no score outside of it is wrong, most inside are, and there is an outside.
bool fits(const Count& inside, const Count& all) {
  return inside.wrong == all.wrong && inside.wrong >= 4 * inside.right && inside.right < all.right;
}

std::string text_of(const RequestColumn& column, std::size_t row) {
  if (column.bag) return {};
  if (row < column.ids.size()) return std::to_string(column.ids[row]);
  return row < column.strings.size() ? in_quotes(column.strings[row]) : std::string();
}

class Pattern {
 public:
  explicit Pattern(const RequestShape& shape) : shape_(shape) {}

  void add(const Request& request, std::size_t candidate, bool wrong) {
    all_.add(wrong);
    const auto& lengths = request.history_lengths;
    by_length_[lengths.empty() ? 0 : std::ranges::max(lengths)].add(wrong);
    for (const RequestColumn& column : request.features) note(by_id_, column, {text_of(column, 0)}, wrong);
    for (const RequestColumn& column : request.candidates) note(by_id_, column, {text_of(column, candidate)}, wrong);
    for (const RequestColumn& column : request.history) {
      std::set<std::string> ids;
      for (std::size_t i = 0; i < std::max(column.ids.size(), column.strings.size()); ++i)
        ids.insert(text_of(column, i));
      note(by_past_id_, column, ids, wrong);
    }
  }

  std::string text() const {
    const std::size_t count = all_.wrong + all_.right;
    const std::string begin = std::to_string(all_.wrong) + " of " + std::to_string(count) + " scores are off";
    if (all_.right == 0) return "all " + std::to_string(count) + " scores are off";
    for (const std::string& rule : {by_length(), by_ids(by_id_, ""), by_ids(by_past_id_, "the history's ")}) {
      if (!rule.empty()) return begin + ": " + rule;
    }
    return begin + ", of histories of " + std::to_string(shortest_wrong()) + " to " + std::to_string(longest_wrong()) +
           " behaviours; no length and no id tells them from the others";
  }

 private:
  using ById = std::map<std::uint32_t, std::map<std::string, Count>>;  // feature -> id

  static void note(ById& counts, const RequestColumn& column, const std::set<std::string>& ids, bool wrong) {
    for (const std::string& id : ids) {
      if (!id.empty()) counts[column.feature][id].add(wrong);
    }
  }

  static bool has_wrong(const std::pair<const std::size_t, Count>& entry) { return entry.second.wrong > 0; }
  std::size_t shortest_wrong() const { return std::ranges::find_if(by_length_, has_wrong)->first; }
  std::size_t longest_wrong() const { return std::find_if(by_length_.rbegin(), by_length_.rend(), has_wrong)->first; }

  Count between(std::size_t shortest, std::size_t longest) const {
    Count sum;
    for (const auto& [length, count] : by_length_) {
      if (length < shortest || length > longest) continue;
      sum.wrong += count.wrong;
      sum.right += count.right;
    }
    return sum;
  }

  std::string by_length() const {
    const std::size_t shortest = shortest_wrong(), longest = longest_wrong();
    if (longest == 0 && fits(between(0, 0), all_)) return "those without behaviours; look at [history] empty";
    if (fits(between(shortest, SIZE_MAX), all_)) {
      if (shortest <= 1) return "those with behaviours; look at the attention";
      return "those with " + std::to_string(shortest) +
             " behaviours or more; look at [history] max_length and keep, the end of a long history that is cut";
    }
    if (!fits(between(0, longest), all_)) return {};
    return "those with " + std::to_string(longest) +
           " behaviours or fewer; look at what padding does, [history] max_length, empty and pad_row";
  }

  // The fewest ids of one feature that all wrong scores have.
  std::string by_ids(const ById& counts, const std::string& of) const {
    constexpr std::size_t kMostIds = 5;
    std::string best;
    std::size_t fewest = kMostIds + 1;
    for (const auto& [feature, ids] : counts) {
      Count inside;
      std::vector<std::string> wrong;
      for (const auto& [id, count] : ids) {
        if (count.wrong == 0) continue;
        wrong.push_back(id);
        inside.wrong += count.wrong;
        inside.right += count.right;
      }
      if (wrong.size() >= fewest || !fits(inside, all_)) continue;
      fewest = wrong.size();
      const std::string& name = shape_.features.at(feature).name;
      best = "those where " + of + name + (fewest == 1 ? " is " : " is one of ") + listed(wrong) + "; look at [ids." +
             name + "]";
    }
    return best;
  }

  const RequestShape& shape_;
  Count all_;
  std::map<std::size_t, Count> by_length_;
  ById by_id_, by_past_id_;
};

}  // namespace

std::string error_pattern(RequestReader& rows, RequestScorer& scorer, double tolerance) {
  Pattern pattern(rows.shape());
  Request request;
  bool any = false;
  while (rows.next(request)) {
    require_scores(request);
    const RequestScores& scores = scorer.score(request, false);
    for (std::size_t n = 0; n < request.scores.size(); ++n) {
      const bool wrong = std::fabs(static_cast<double>(scores.scores[n]) - request.scores[n]) > tolerance;
      pattern.add(request, n, wrong);
      any |= wrong;
    }
  }
  return any ? pattern.text() : std::string();
}

}  // namespace dinghy::converter
