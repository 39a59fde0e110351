// dinghy inspect: what is inside a .dinghy file.
#include <CLI/App.hpp>
#include <memory>

#include "converter/commands/commands.h"
#include "converter/commands/options.h"
#include "converter/inspection/inspection.h"
#include "converter/text/line_output.h"

namespace dinghy::converter {
namespace {

struct InspectOptions {
  std::string model;
  bool json = false;
};

void inspect(const InspectOptions& options) {
  const Model model = open_model(options.model);
  LineOutput output("");
  output.write(options.json ? inspection_json(model, options.model) : inspection_text(model, options.model));
  output.flush();
}

}  // namespace

void add_inspect_command(CLI::App& app) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = app.add_subcommand("inspect", "Say what is inside a file: network, features, tables, origin");
  add_model_option(*command, options->model);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options] { inspect(*options); });
}

}  // namespace dinghy::converter
