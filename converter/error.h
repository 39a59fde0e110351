// The one exception of the converter; main() prints it as `dinghy: WHERE: what is wrong, what to do` and exits with 1.
#pragma once

#include <stdexcept>
#include <string>

namespace dinghy::converter {

class Error : public std::runtime_error {
 public:
  /// `where` is a file, with the place in it when there is one ("model.pth: data.pkl", "requests.jsonl:12"); `what`
  /// says what is wrong and what the user can do, in one line.
  Error(const std::string& where, const std::string& what) : std::runtime_error(one_line(where + ": " + what)) {}
  /// What `error` says, and `more` that the user can do.
  Error(const Error& error, const std::string& more) : std::runtime_error(error.what() + one_line(more)) {}

 private:
  // Names in a file may hold anything: line breaks, and what a terminal takes as a command.
  static std::string one_line(std::string text) {
    for (char& c : text) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return text;
  }
};

}  // namespace dinghy::converter
