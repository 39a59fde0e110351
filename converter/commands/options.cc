#include "converter/commands/options.h"

#include <CLI/App.hpp>
#include <vector>

#include "converter/error.h"
#include "converter/input_file.h"
#include "dinghy/isa.h"

namespace dinghy::converter {

void add_model_option(CLI::App& command, std::string& path) {
  command.add_option("MODEL", path, "The .dinghy file")->required();
}

void add_requests_option(CLI::App& command, std::string& path, const char* description) {
  command.add_option("--requests", path, description)->required()->type_name("FILE");
}

void add_isa_option(CLI::App& command, std::string& isa, const char* description) {
  std::vector<std::string> names;
  for (const Isa& known : isas()) names.emplace_back(known.name);
  command.add_option("--isa", isa, description)->check(CLI::IsMember(names))->type_name("NAME");
}

Model open_model(const std::string& path) {
  auto model = Model::open(path.c_str());
  if (!model.ok()) throw Error(path, model.status().message());
  note_input(path);
  return *model;
}

}  // namespace dinghy::converter
