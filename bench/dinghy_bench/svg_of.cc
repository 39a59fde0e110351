// Lines, texts and two logarithmic axes: too little for a plotting library, which would also have to be installed
// wherever a phone's or a server's numbers are looked at.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "bench/dinghy_bench/output.h"

namespace dinghy::bench {
namespace {

constexpr double kPanelWidth = 380, kPanelHeight = 300, kLeft = 70, kTop = 50, kGap = 220;
constexpr const char* kColors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                   "#e69f00", "#56b4e9", "#999999", "#000000"};

template <class... Arguments>
std::string format(const char* text, Arguments... arguments) {
  char line[512];
  std::snprintf(line, sizeof line, text, arguments...);
  return line;
}

struct Point {
  double x, y;
};

struct Line {
  std::string name;  // in the legend; empty: belongs to the line before
  bool dashed;
  std::size_t color;
  std::vector<Point> points;
};

/// One direction of a panel.
struct Axis {
  std::string name;
  bool logarithmic;
  double low = 0, high = 1;

  double position(double value) const {
    if (!logarithmic) return (value - low) / (high - low);
    return (std::log(value) - std::log(low)) / (std::log(high) - std::log(low));
  }
  void fit(const std::vector<Line>& lines, double Point::* coordinate) {
    if (!logarithmic) return;
    low = 1e300, high = 0;
    for (const Line& line : lines) {
      for (const Point& point : line.points)
        low = std::min(low, point.*coordinate), high = std::max(high, point.*coordinate);
    }
    low /= 1.1, high *= 1.1;
  }
  std::vector<double> ticks() const {
    std::vector<double> ticks;
    if (!logarithmic) return {0, 0.25, 0.5, 0.75, 1};
    const bool wide = high > 1000 * low;  // no room for three numbers a decade
    for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10) {
      for (const double step : {1., 2., 5.}) {
        if (wide && step > 1) break;
        if (decade * step >= low && decade * step <= high) ticks.push_back(decade * step);
      }
    }
    return ticks;
  }
};

std::string panel(double left, const char* title, Axis x, Axis y, const std::vector<Line>& lines) {
  x.fit(lines, &Point::x);
  y.fit(lines, &Point::y);
  const auto at_x = [&](double value) { return left + x.position(value) * kPanelWidth; };
  const auto at_y = [&](double value) { return kTop + (1 - y.position(value)) * kPanelHeight; };
  const double bottom = kTop + kPanelHeight, right = left + kPanelWidth;
  std::string svg = format("<text x='%.0f' y='%.0f' font-weight='bold'>%s</text>\n", left, kTop - 14, title);
  for (const double tick : x.ticks()) {
    svg += format("<path d='M%.1f %.1fV%.1f' stroke='#ddd'/><text x='%.1f' y='%.1f' text-anchor='middle'>%g</text>\n",
                  at_x(tick), kTop, bottom, at_x(tick), bottom + 16, tick);
  }
  for (const double tick : y.ticks()) {
    svg += format("<path d='M%.1f %.1fH%.1f' stroke='#ddd'/><text x='%.1f' y='%.1f' text-anchor='end'>%g</text>\n",
                  left, at_y(tick), right, left - 6, at_y(tick) + 4, tick);
  }
  svg += format("<text x='%.1f' y='%.1f' text-anchor='middle'>%s</text>\n", (left + right) / 2, bottom + 36,
                x.name.c_str());
  svg += format("<text transform='translate(%.1f %.1f) rotate(-90)' text-anchor='middle'>%s</text>\n", left - 46,
                kTop + kPanelHeight / 2, y.name.c_str());
  double legend = kTop + 10;
  for (const Line& line : lines) {
    const char* color = kColors[line.color % std::size(kColors)];
    std::string points;
    for (const Point& point : line.points) points += format("%.1f,%.1f ", at_x(point.x), at_y(point.y));
    svg += "<polyline fill='none' stroke='" + std::string(color) + "' stroke-width='1.8'" +
           (line.dashed ? " stroke-dasharray='5 4'" : "") + " points='" + points + "'/>\n";
    if (line.name.empty()) continue;
    svg += format("<text x='%.1f' y='%.1f' fill='%s'>%s</text>\n", right + 10, legend, color, line.name.c_str());
    legend += 16;
  }
  return svg;
}

/// p50 and p99 over one size, a pair of lines for each value of the other.
std::vector<Line> latency_lines(const std::vector<const Measurement*>& measurements, double Measurement::* along,
                                double Measurement::* other, const char* other_name) {
  std::map<double, std::vector<const Measurement*>> groups;
  for (const Measurement* m : measurements) groups[m->*other].push_back(m);
  std::vector<Line> lines;
  std::size_t color = 0;
  for (auto& [value, group] : groups) {
    std::sort(group.begin(), group.end(), [&](auto* a, auto* b) { return a->*along < b->*along; });
    Line p50{format("%s %g", other_name, value), false, color, {}}, p99{"", true, color, {}};
    for (const Measurement* m : group) {
      const double x = std::max(m->*along, 0.5);  // 0 has no place on a logarithmic axis
      p50.points.push_back({x, m->request.percentile(0.5)});
      p99.points.push_back({x, m->request.percentile(0.99)});
    }
    lines.push_back(p50);
    lines.push_back(p99);
    ++color;
  }
  return lines;
}

std::vector<Line> distribution_lines(const std::vector<const Measurement*>& measurements) {
  std::vector<Line> lines;
  for (const Measurement* m : measurements) {
    Line line{format("%g candidates, history %g", m->candidates, m->history), false, lines.size(), {}};
    constexpr int kSteps = 200;
    for (int i = 0; i <= kSteps; ++i) {
      const double share = static_cast<double>(i) / kSteps;
      line.points.push_back({m->request.percentile(share), share});
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::string svg_of(const Report& report) {
  std::vector<const Measurement*> measurements;
  for (const Measurement& m : report.measurements) {
    if (m.state == report.measurements.front().state) measurements.push_back(&m);
  }
  const bool one_size = std::all_of(measurements.begin(), measurements.end(),
                                    [&](const Measurement* m) { return m->candidates == measurements[0]->candidates; });
  const Axis us{"microseconds", true};
  const double second = kLeft + kPanelWidth + kGap;
  std::string svg = format(
      "<svg xmlns='http://www.w3.org/2000/svg' width='%.0f' height='%.0f' font-family='sans-serif' "
      "font-size='12'>\n<rect width='100%%' height='100%%' fill='white'/>\n",
      second + kPanelWidth + kGap, kTop + kPanelHeight + 60);
  svg += one_size ? panel(kLeft, "p50, and p99 dashed", {"history", true}, us,
                          latency_lines(measurements, &Measurement::history, &Measurement::candidates, "candidates"))
                  : panel(kLeft, "p50, and p99 dashed", {"candidates", true}, us,
                          latency_lines(measurements, &Measurement::candidates, &Measurement::history, "history"));
  svg += panel(second, "share of requests within a time", us, {"share", false}, distribution_lines(measurements));
  return svg + "</svg>\n";
}

}  // namespace dinghy::bench
