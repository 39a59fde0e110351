#include "converter/quantization/budget.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "converter/error.h"
#include "converter/text/quotes.h"

namespace dinghy::converter {
namespace {

/// A way to store the first tables: none other is as small and as good.
struct Point {
  std::uint64_t units = 0;
  double error = 0;
  std::size_t before = 0;  // the point of the tables before that it extends
  std::size_t form = 0;    // of the last of these tables
};

/// Keeps, sorted by size, the points that are better than all smaller ones.
void keep_best(std::vector<Point>& points) {
  std::ranges::stable_sort(points, [](const Point& a, const Point& b) {
    return a.units != b.units ? a.units < b.units : a.error < b.error;
  });
  double best = std::numeric_limits<double>::infinity();
  std::erase_if(points, [&](const Point& point) {
    if (point.error >= best) return true;
    best = point.error;
    return false;
  });
}

}  // namespace

std::optional<std::vector<std::size_t>> choose_within(const std::vector<std::vector<FormCost>>& tables,
                                                      std::uint64_t budget) {
  // Sizes in whole units bound the number of points, and with it time and memory, however many tables there are.
  const std::uint64_t unit = std::max<std::uint64_t>(1, budget / 1'000'000);
  std::vector<std::vector<Point>> steps = {{Point{}}};
  for (const std::vector<FormCost>& forms : tables) {
    std::vector<Point> points;
    for (std::size_t before = 0; before < steps.back().size(); ++before) {
      const Point& point = steps.back()[before];
      for (std::size_t form = 0; form < forms.size(); ++form) {
        const std::uint64_t units = point.units + (forms[form].bytes + unit - 1) / unit;
        if (units <= budget / unit) points.push_back({units, point.error + forms[form].error, before, form});
      }
    }
    keep_best(points);
    if (points.empty()) return std::nullopt;
    steps.push_back(std::move(points));
  }
  std::vector<std::size_t> chosen(tables.size());
  std::size_t at = steps.back().size() - 1;
  for (std::size_t t = tables.size(); t-- > 0;) {
    chosen[t] = steps[t + 1][at].form;
    at = steps[t + 1][at].before;
  }
  return chosen;
}

std::uint64_t read_bytes(std::string_view text) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const double factor = unit == "GB" ? 1e9 : unit == "MB" ? 1e6 : unit == "KB" ? 1e3 : unit.empty() ? 1 : 0;
  const double bytes = number * factor;
  if (problem != std::errc{} || !(bytes >= 1) || !(bytes < 1e18)) {
    throw Error("--budget", in_quotes(text) + " is no size; 20MB, 1.5GB, 900KB or a number of bytes is");
  }
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace dinghy::converter
