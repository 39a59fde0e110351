// The .index of a TensorFlow checkpoint: a table of LevelDB, keys in order with their values.
//
// LevelDB's own reader trusts the offsets in a file (1.23 crashes on one near 2^64), so this is a reader of its own.
#pragma once

#include <map>
#include <string>

#include "converter/tensor.h"

namespace dinghy::converter {

/// True when the file ends as such a table does.
bool is_index_table(const Storage& file);

/// All entries; every block's checksum is right. Throws Error with `path` for a damaged or compressed table.
std::map<std::string, std::string, std::less<>> read_index_table(const Storage& file, const std::string& path);

}  // namespace dinghy::converter
