#include "tests/converter/commands/command.h"

#include <sys/wait.h>

#include <cstdlib>

namespace dinghy::converter {

CommandResult run_dinghy(const std::string& arguments, const std::string& input) {
  const TemporaryFolder folder;
  const std::string in = folder.write("in", input);
  const std::string command = std::string(DINGHY_COMMAND) + " " + arguments + " <" + in + " >" + folder.path("out") +
                              " 2>" + folder.path("err");
  const int status = std::system(command.c_str());
  return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .output = read_file(folder.path("out")),
          .errors = read_file(folder.path("err"))};
}

}  // namespace dinghy::converter
