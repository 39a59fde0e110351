// The `dinghy` command. Exit status: 0, 1 for bad input, 2 for bad usage.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <exception>
#include <new>

#include "converter/commands/commands.h"
#include "dinghy/version.h"

namespace {

int run(int argc, char** argv) {
  CLI::App app("Converts trained Deep Interest Networks to .dinghy files, inspects, tests and scores them.", "dinghy");
  app.set_version_flag("--version", "dinghy " DINGHY_VERSION);
  app.footer("`dinghy predict`, for Parquet files, comes with the Python package (docs/batch.md).");
  app.require_subcommand(1);
  dinghy::converter::add_convert_command(app);
  dinghy::converter::add_inspect_command(app);
  dinghy::converter::add_verify_command(app);
  dinghy::converter::add_selftest_command(app);
  dinghy::converter::add_score_command(app);
  dinghy::converter::add_eval_command(app);
  dinghy::converter::add_pairs_command(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "dinghy: %s; `dinghy --help` lists commands, `dinghy COMMAND --help` options\n", error.what());
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "dinghy: out of memory\n");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dinghy: %s\n", error.what());
  }
  return 1;
}
