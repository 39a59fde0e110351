// What --tables says: "i8", or "user=f16,item=i8", or both, "i8,user=f16".
#pragma once

#include <string>
#include <vector>

#include "converter/network.h"
#include "schema/row.h"

namespace dinghy::converter {

/// The form of each table: the one that its name has in `text`, else the one that stands there without a name, else the
/// one that it has. Tables that share rows share the form. Throws Error, listing what there is, for unknown names and
/// words, for a name said twice, and for tables that share rows and are said to differ.
std::vector<format::RowForm> read_table_choice(const std::string& text, const std::vector<Table>& tables);

}  // namespace dinghy::converter
