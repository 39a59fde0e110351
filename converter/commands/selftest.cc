// dinghy selftest: looks for damage, then scores the golden rows that the file carries, on every ISA of this device.
#include <CLI/App.hpp>
#include <memory>

#include "converter/commands/commands.h"
#include "converter/commands/options.h"
#include "converter/error.h"
#include "converter/golden/check.h"
#include "converter/golden/stored_golden.h"
#include "converter/text/line_output.h"
#include "converter/text/number_text.h"
#include "converter/text/text_table.h"
#include "dinghy/isa.h"

namespace dinghy::converter {
namespace {

struct SelftestOptions {
  std::string model;
  std::string isa;
};

TextTable::Row table_row(const IsaCheck& check) {
  const GoldenComparison& comparison = check.comparison;
  return {check.isa,
          std::to_string(comparison.rows),
          short_number(comparison.score.distance),
          short_number(check.tolerance.score),
          comparison.weights ? short_number(comparison.attention.distance) : "-",
          comparison.weights ? short_number(check.tolerance.attention) : "-",
          check.failure.empty() ? "ok" : "FAIL"};
}

/// Throws Error for damage. A file of an older converter has no hashes: then the scores alone are tested.
std::string verified(const Model& model, const std::string& path) {
  const Status status = model.verify();
  if (status.code() == Code::unsupported) return "  bytes not verified: " + std::string(status.message()) + "\n";
  if (!status) throw Error(path, status.message());
  return {};
}

void run_selftest(const SelftestOptions& options) {
  const Model model = open_model(options.model);
  const std::string note = verified(model, options.model);
  const GoldenRows golden = stored_golden(model, options.model);
  TextTable table({"isa", "rows", "max |Δp|", "tolerance", "max |Δ attention|", "tolerance", ""});
  const std::string rows_name = options.model + ": golden rows";
  std::string failure;
  for (const Isa& isa : isas()) {
    const std::string name = isa.name;
    if (!options.isa.empty() && name != options.isa) continue;
    if (options.isa.empty() && !isa.available) {
      table.add({name, "-", "-", "-", "-", "-", "not on this machine"});
      continue;
    }
    const IsaCheck check = check_isa(model, options.model, name, golden.lines, rows_name, golden.tolerance);
    table.add(table_row(check));
    if (failure.empty()) failure = check.failure;
  }
  LineOutput output("");
  output.write(note + table.text());
  output.flush();
  if (!failure.empty()) throw Error(options.model, "self-test failed on " + failure);
}

}  // namespace

void add_selftest_command(CLI::App& app) {
  auto options = std::make_shared<SelftestOptions>();
  CLI::App* command =
      app.add_subcommand("selftest", "Verify the file, and score the golden rows in it on every ISA of this device");
  add_model_option(*command, options->model);
  add_isa_option(*command, options->isa, "Test this instruction set only");
  command->callback([options] { run_selftest(*options); });
}

}  // namespace dinghy::converter
