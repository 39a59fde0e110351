#include "tests/converter/readers/keras/built_program.h"

#include <iterator>
#include <sstream>

#include "converter/readers/keras/h5_process.h"

namespace dinghy::converter {

std::vector<std::string>& test::keras_program() {
  static std::vector<std::string> program = [] {
    std::istringstream words(DINGHY_READ_KERAS);  // behind the emulator, of a build for another processor
    return std::vector<std::string>(std::istream_iterator<std::string>(words), {});
  }();
  return program;
}

// In place of the readers' own, since tests lie elsewhere.
std::vector<std::string> h5_process_command(const std::string&) { return test::keras_program(); }

}  // namespace dinghy::converter
