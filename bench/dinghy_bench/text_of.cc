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
         "\n  load  open " + time(load.open.percentile(0.5)) + ", user state and scorer " +
         time(load.create.percentile(0.5)) + "; they and a request take " + bytes(load.memory.anonymous) +
         " of memory (RssAnon) and " + bytes(load.memory.file) + " of file pages (RssFile)\n";
}

}  // namespace dinghy::bench
