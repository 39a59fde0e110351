// A vocabulary as people write it: one id a line.
#pragma once

#include <cstdint>
#include <string>

#include "converter/network.h"

namespace dinghy::converter {

/// Reads a file of lines "ID<TAB>ROW", or of lines with an id alone, where the first line is row 0. When every id is a
/// whole number of 64 bits the ids are numbers, else they are strings. Throws Error with the line for a line of another
/// form, an id that occurs twice, and a row that is not below `rows`, those of the table of `feature`.
Vocabulary read_vocabulary_file(const std::string& path, std::uint64_t rows, const std::string& feature);

}  // namespace dinghy::converter
