// A network in the words of the paper: histories, interests with their local activation units, tower, score.
#pragma once

#include <string>

namespace dinghy::format {
struct Model;
}

namespace dinghy::converter {

/// A few indented lines. The metadata was verified by Model::open.
std::string network_text(const format::Model& model);

}  // namespace dinghy::converter
