// How large the numbers of a table's columns are: what keys are divided by before they become integers.
#pragma once

#include <string>

#include "converter/network.h"

namespace dinghy::converter {

/// Sets Table::column_sizes, the root mean square of each column (1 of a column of zeros), of the tables that keys of a
/// local activation unit come from. Reads all their rows. Throws Error at `where` for a number that is not finite.
void measure_columns(Network& network, const std::string& where);

}  // namespace dinghy::converter
