// The programs that tests let the reader of Keras' files start.
#pragma once

#include <string>
#include <vector>

namespace dinghy::converter::test {

/// What h5_process_command() answers in tests: the program of this build, unless a test sets another.
std::vector<std::string>& keras_program();

}  // namespace dinghy::converter::test
