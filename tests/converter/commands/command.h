// Runs the built `dinghy` command as a shell would.
#pragma once

#include <string>

#include "tests/converter/temporary_folder.h"

namespace dinghy::converter {

struct CommandResult {
  int status = 0;  // exit status; -1 when a signal ended the command
  std::string output;
  std::string errors;
};

/// `arguments` as for the shell: quoting and redirections work.
CommandResult run_dinghy(const std::string& arguments, const std::string& input = {});

}  // namespace dinghy::converter
