// Features, their tables and the behaviour history, with what the recipe says about them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// The place of a feature by the preset's name; throws Error at the recipe when there is none.
std::uint32_t feature_index(const Conversion& conversion, const std::string& name);

/// Adds a table of the tensor `name` with the recipe's [ids] of `feature`, or `missing` where the recipe has none.
/// Returns its place in the network. Throws Error unless the tensor has two dimensions.
int add_table(Conversion& conversion, const std::string& tensor, const std::string& feature,
              format::MissingId missing = format::MissingId::fail);

/// Adds a feature whose vector is a row of `table`.
std::uint32_t add_id_feature(Conversion& conversion, const std::string& name, format::Role role, int table);
/// Adds a feature of `width` numbers.
std::uint32_t add_dense_feature(Conversion& conversion, const std::string& name, format::Role role,
                                std::uint32_t width);

/// Adds the behaviour history, with the recipe's [history]; `max_length` 0 where the checkpoint states none.
void add_history(Conversion& conversion, std::uint32_t max_length = 0, Certainty certainty = Certainty::assumed);
/// Makes a feature a column of the history too; `table` holds the rows of its behaviours, row 0 of it is padding
/// unless the recipe says otherwise.
void put_in_history(Conversion& conversion, std::uint32_t feature, int table);

/// Gives the features their names in requests. Last: presets and recipes know them by the checkpoint's names until
/// then. Throws Error for [rename] and [ids] of a feature that does not exist.
void rename_features(Conversion& conversion);

/// The features by role, and the columns of the history, as findings of the report.
void report_roles(Conversion& conversion, Certainty roles, Certainty history);

}  // namespace dinghy::converter
