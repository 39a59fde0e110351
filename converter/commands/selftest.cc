// dinghy selftest: scores the golden rows that the file carries, on every ISA of this device.
#include <CLI/App.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "converter/commands/commands.h"
#include "converter/commands/options.h"
#include "converter/error.h"
#include "converter/golden_rows.h"
#include "converter/line_output.h"
#include "converter/stored_golden.h"
#include "converter/text_table.h"
#include "dinghy/isa.h"

namespace dinghy::converter {
namespace {

// What float kernels may differ from `reference` by, on a probability and on an attention weight.
constexpr double kFloatTolerance = 1e-5;

struct SelftestOptions {
  std::string model;
  std::string isa;
};

struct Verdict {
  bool ok;
  std::string why;  // one line, when not ok
};

Verdict judge(const GoldenComparison& comparison, double tolerance, const std::string& isa) {
  if (comparison.score.distance > tolerance) return {false, isa + ": score of " + describe(comparison.score)};
  if (comparison.attention.distance > std::max(tolerance, kFloatTolerance)) {
    return {false, isa + ": attention of " + describe(comparison.attention)};
  }
  return {true, {}};
}

std::string short_number(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2g", number);
  return text;
}

TextTable::Row table_row(const std::string& isa, const GoldenComparison& comparison, double tolerance, bool ok) {
  return {isa,
          std::to_string(comparison.rows),
          short_number(comparison.score.distance),
          comparison.weights ? short_number(comparison.attention.distance) : "-",
          short_number(tolerance),
          ok ? "ok" : "FAIL"};
}

void run_selftest(const SelftestOptions& options) {
  const Model model = open_model(options.model);
  const StoredGolden golden = stored_golden(model, options.model);
  TextTable table({"isa", "rows", "max |Δp|", "max |Δ attention|", "tolerance", ""});
  std::string failure;
  for (const Isa& isa : isas()) {
    const std::string name = isa.name;
    if (!options.isa.empty() && name != options.isa) continue;
    if (options.isa.empty() && !isa.available) {
      table.add({name, "-", "-", "-", "-", "not on this machine"});
      continue;
    }
    RequestScorer scorer(model, options.model, name);
    RequestReader rows(request_shape(model), golden.lines, options.model + ": golden row");
    const GoldenComparison comparison = compare_golden_rows(rows, scorer);
    const double tolerance = name == "reference" ? golden.tolerance : std::max(golden.tolerance, kFloatTolerance);
    const Verdict verdict = judge(comparison, tolerance, name);
    table.add(table_row(name, comparison, tolerance, verdict.ok));
    if (!verdict.ok && failure.empty()) failure = verdict.why;
  }
  LineOutput output("");
  output.write(table.text());
  output.flush();
  if (!failure.empty()) throw Error(options.model, "self-test failed on " + failure);
}

}  // namespace

void add_selftest_command(CLI::App& app) {
  auto options = std::make_shared<SelftestOptions>();
  CLI::App* command = app.add_subcommand("selftest", "Score the golden rows in the file on every ISA of this device");
  add_model_option(*command, options->model);
  add_isa_option(*command, options->isa, "Test this instruction set only");
  command->callback([options] { run_selftest(*options); });
}

}  // namespace dinghy::converter
