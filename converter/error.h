// The one exception of the converter; main() prints it as `dinghy: WHERE: what is wrong, what to do` and exits with 1.
#pragma once

#include <stdexcept>
#include <string>

namespace dinghy::converter {

class Error : public std::runtime_error {
 public:
  /// `where` is a file, with the place in it when there is one ("model.pth: data.pkl", "requests.jsonl:12"); `what`
  /// says what is wrong and what the user can do, in one line.
  Error(const std::string& where, const std::string& what) : std::runtime_error(where + ": " + what) {}
};

}  // namespace dinghy::converter
