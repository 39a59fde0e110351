// Runs the built `dinghy` command as a shell would.
#pragma once

#include <string>

namespace dinghy::converter {

struct CommandResult {
  int status = 0;  // exit status; -1 when a signal ended the command
  std::string output;
  std::string errors;
};

/// `arguments` as for the shell: quoting and redirections work.
CommandResult run_dinghy(const std::string& arguments, const std::string& input = {});

/// A folder of its own for one test, removed with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

std::string read_text(const std::string& path);

}  // namespace dinghy::converter
