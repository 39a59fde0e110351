#include <algorithm>
#include <cstdio>

#include "bench/dinghy_bench/output.h"
#include "converter/text/number_text.h"
#include "converter/text/text_table.h"

namespace dinghy::bench {
namespace {

std::string number(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// Microseconds with four digits or so.
std::string time(double us) { return number(us < 100 ? "%.2f" : us < 1000 ? "%.1f" : "%.0f", us); }

std::string bytes(std::int64_t count) {
  return converter::bytes_text(static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)));
}

/// A column for each measurement that has steps.
std::string steps_text(const Report& report) {
  std::vector<std::string> heads = {"where the time of the fastest request goes"};
  std::vector<const Measurement*> measured;
  for (const Measurement& m : report.measurements) {
    if (m.steps.empty()) continue;
    measured.push_back(&m);
    heads.push_back(number("%.4g", m.candidates).append(" x ").append(number("%.4g", m.history)));
  }
  if (measured.empty()) return "";
  converter::TextTable table(heads);
  for (std::size_t step = 0; step < measured[0]->steps.size(); ++step) {
    std::vector<std::string> cells = {measured[0]->steps[step].name};
    for (const Measurement* m : measured) cells.push_back(time(m->steps[step].microseconds));
    table.add(cells);
  }
  return "\n" + table.text();
}

}  // namespace

std::string text_of(const Report& report) {
  converter::TextTable table({"candidates", "history", "pages", "requests", "p50", "p90", "p99", "p99.9", "set p50",
                              "score p50", "candidates/s", "minor faults", "major faults"});
  for (const Measurement& m : report.measurements) {
    table.add({number("%.4g", m.candidates), number("%.4g", m.history), name_of(m.state),
               std::to_string(m.request.sorted().size()), time(m.request.percentile(0.5)),
               time(m.request.percentile(0.9)), time(m.request.percentile(0.99)), time(m.request.percentile(0.999)),
               time(m.set.percentile(0.5)), time(m.score.percentile(0.5)), number("%.4g", m.candidates_per_second),
               number("%.3g", m.minor_faults), number("%.3g", m.major_faults)});
  }
  const Load& load = report.load;
  return report.model + ", " + report.isa + "; times in microseconds, faults of a request\n\n" + table.text() +
         steps_text(report) + "\n  load  open " + time(load.open.percentile(0.5)) + ", user state and scorer " +
         time(load.create.percentile(0.5)) + "; they and a request take " + bytes(load.memory.anonymous) +
         " of memory (RssAnon) and " + bytes(load.memory.file) + " of file pages (RssFile)\n";
}

}  // namespace dinghy::bench
