// Options that several commands share, and the model that they name.
#pragma once

#include <string>

#include "dinghy/model.h"

namespace CLI {
class App;
}

namespace dinghy::converter {

/// The positional M.dinghy. The referenced strings live as long as the application.
void add_model_option(CLI::App& command, std::string& path);
/// --requests R.jsonl, required.
void add_requests_option(CLI::App& command, std::string& path, const char* description);
/// --isa NAME, one of this build's.
void add_isa_option(CLI::App& command, std::string& isa, const char* description);

/// Throws Error that names the file.
Model open_model(const std::string& path);

}  // namespace dinghy::converter
