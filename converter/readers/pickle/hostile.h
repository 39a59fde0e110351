// Pickles that would start a program in Python.
#pragma once

#include "converter/readers/pickle/pickle.h"

namespace dinghy::converter {

/// Throws Error at `where` when a pickle names anything of Python's own library but the containers and values that
/// checkpoints hold: os.system, exec, importlib.import_module … Names of other packages are those of the model's code.
/// Nothing would happen here, but whoever loads the same file in Python had better know. For Pickle::parse alone, which
/// every pickle comes from.
void refuse_hostile(const Pickle& pickle, const std::string& where, std::string_view harmless);

}  // namespace dinghy::converter
