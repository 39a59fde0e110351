#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "converter/quantization/score_loss_report.h"

namespace dinghy::converter {
namespace {

// The plot area in the picture, and what is drawn of the scale.
constexpr double kLeft = 80, kTop = 40, kWidth = 600, kHeight = 320;
constexpr double kSmallest = -8;  // decades of |Δp|: below 1e-8 float scores do not differ
constexpr int kPoints = 400;

double y_of(double distance) {
  const double decade = std::clamp(std::log10(std::max(distance, 1e-30)), kSmallest, 0.0);
  return kTop + decade / kSmallest * kHeight;
}

template <class... Values>
std::string drawn(const char* format, Values... values) {
  char text[300];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string axes() {
  std::string svg;
  for (int decade = 0; decade >= static_cast<int>(kSmallest); decade -= 2) {
    const double y = y_of(std::pow(10, decade));
    svg += drawn("<path d=\"M%.0f %.1fh%.0f\" stroke=\"#ddd\"/>\n", kLeft, y, kWidth);
    svg += drawn("<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">1e%d</text>\n", kLeft - 8, y + 4, decade);
  }
  for (int percent = 0; percent <= 100; percent += 25) {
    svg += drawn("<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">%d %%</text>\n", kLeft + kWidth * percent / 100,
                 kTop + kHeight + 20, percent);
  }
  return svg + drawn("<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">candidates, by |Δp|</text>\n",
                     kLeft + kWidth / 2, kTop + kHeight + 40);
}

}  // namespace

std::string score_loss_svg(const ScoreLoss& loss) {
  std::vector<float> sorted = loss.distances;
  std::ranges::sort(sorted, std::greater{});
  std::string line;
  for (int i = 0; i <= kPoints; ++i) {
    const std::size_t at = (sorted.size() - 1) * static_cast<std::size_t>(i) / kPoints;
    line += drawn("%.1f,%.1f ", kLeft + kWidth * i / kPoints, y_of(static_cast<double>(sorted[at])));
  }
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"420\" font-family=\"sans-serif\" "
         "font-size=\"12\">\n<rect width=\"720\" height=\"420\" fill=\"#fff\"/>\n" +
         drawn(
             "<text x=\"%.0f\" y=\"24\" font-size=\"14\">|Δp| of %llu candidates: at most %.2g, in the mean "
             "%.2g</text>\n",
             kLeft, static_cast<unsigned long long>(loss.candidates), loss.all.max_distance, loss.all.mean_distance) +
         axes() + "<polyline fill=\"none\" stroke=\"#1763b0\" stroke-width=\"1.5\" points=\"" + line + "\"/>\n</svg>\n";
}

}  // namespace dinghy::converter
