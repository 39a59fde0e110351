// Where a model comes from, stored in the file: format::Provenance with the texts in it.
#pragma once

#include <string>
#include <vector>

namespace dinghy::converter {

struct Provenance {
  std::string package;  // the code that trained the model, as far as the preset knows
  std::string preset;
  std::string checkpoint;          // name of the file or folder, without those around it
  std::string checkpoint_sha256;   // hexadecimal; of a folder: of the lines that sha256sum prints for what was read
  std::string recipe;              // the recipe's text
  std::string converter;           // name and version
  std::vector<std::string> notes;  // what the converter derived and assumed
};

}  // namespace dinghy::converter
