// What is inside a .dinghy file, in two forms: text for people, JSON for programs.
#pragma once

#include <string>

#include "dinghy/model.h"

namespace dinghy::converter {

std::string inspection_text(const Model& model, const std::string& path);
std::string inspection_json(const Model& model, const std::string& path);

}  // namespace dinghy::converter
