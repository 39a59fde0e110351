// The commands of `dinghy`. Each adds itself with its options to the application; parsing the command line then runs
// it. A command throws Error for bad input.
#pragma once

namespace CLI {
class App;
}

namespace dinghy::converter {

void add_convert_command(CLI::App& app);
void add_inspect_command(CLI::App& app);
void add_verify_command(CLI::App& app);
void add_selftest_command(CLI::App& app);
void add_score_command(CLI::App& app);
void add_eval_command(CLI::App& app);
void add_pairs_command(CLI::App& app);

}  // namespace dinghy::converter
