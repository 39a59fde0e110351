// The item's fields of a RecBole checkpoint, from the live embedding layer that is pickled with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// A field of the item, and its rows in the table that all fields share.
struct RecboleField {
  std::string name;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
};

struct RecboleFields {
  std::vector<RecboleField> fields;
  Certainty certainty;
};

/// The fields in the order in which the network takes them. `rows`: of the shared table; `compared`: how many fields
/// the attention takes. Without the embedding layer in the file there may be only one field. Throws Error for
/// fields that do not fill the table, and for kinds of fields that are not supported.
RecboleFields recbole_fields(const Checkpoint& checkpoint, std::int64_t rows, std::size_t compared);

}  // namespace dinghy::converter
