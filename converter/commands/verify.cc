// dinghy verify: reads the whole file, and compares each segment with its hash.
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "converter/commands/commands.h"
#include "converter/commands/options.h"
#include "converter/error.h"
#include "converter/text/line_output.h"
#include "model_generated.h"

namespace dinghy::converter {
namespace {

void run_verify(const std::string& path) {
  const Model model = open_model(path);
  if (const Status status = model.verify(); !status) throw Error(path, status.message());
  const std::size_t segments = format::GetModel(model.metadata().data())->segments()->size();
  LineOutput output("");
  output.write(path + ": " + std::to_string(model.file().size()) + " bytes, " + std::to_string(segments) +
               " segments as they were written\n");
  output.flush();
}

}  // namespace

void add_verify_command(CLI::App& app) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("verify", "Read the whole file, and look for damage");
  add_model_option(*command, *path);
  command->callback([path] { run_verify(*path); });
}

}  // namespace dinghy::converter
