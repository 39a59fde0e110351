// Pickles that would start a program in Python.
#pragma once

#include "converter/readers/pickle/pickle.h"

namespace dinghy::converter {

/// Throws Error at `where` when a pickle names a function that no checkpoint needs and that would run a program
/// (os.system, exec …). Nothing would happen here, but whoever loads the same file in Python had better know.
/// `harmless`: the one built-in that the format's own files name, and whose arguments its reader checks.
void refuse_hostile(const Pickle& pickle, const std::string& where, std::string_view harmless = {});

}  // namespace dinghy::converter
