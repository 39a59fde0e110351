// Asks dinghy-read-keras, a program of its own: libhdf5 1.10 trusts lengths inside a file, and a damaged one can crash
// it; and what else libhdf5 brings along (curl, LDAP, Kerberos) is not loaded into `dinghy`.
#pragma once

#include <string>
#include <vector>

#include "converter/readers/keras/h5_question.h"

namespace dinghy::converter {

/// The program's answer, about a file that it gets from here, byte by byte as it asks. An Error that it ends with is
/// thrown here; when it dies, takes minutes or gigabytes, an Error says that the file is damaged.
std::string ask_h5_process(const H5Question& question, const Storage& file);

/// The program with its arguments, as it lies in the build folder and where it is installed: found from where this
/// program lies, never from PATH or the current folder. Throws Error at `where` when it is not there. Tests, which lie
/// elsewhere, have their own.
std::vector<std::string> h5_process_command(const std::string& where);

}  // namespace dinghy::converter
