// Features, their tables and the behaviour history, with what the recipe says about them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// What stands between `prefix` and `suffix` in the names of tensors that have both, in the checkpoint's order.
std::vector<std::string> names_between(const Checkpoint& checkpoint, const std::string& prefix,
                                       const std::string& suffix);

/// The place of a feature by the preset's name; throws Error at the recipe when there is none.
std::uint32_t feature_index(const Conversion& conversion, const std::string& name);

/// Takes the tensor `name` as a table. Throws Error unless it has two dimensions.
const Tensor& take_rows(TensorClaims& claims, const std::string& name);

/// Adds a table of the tensor `name` with the recipe's [ids] of `feature`, or `missing` where the recipe has none.
/// Returns its place in the network. Throws Error unless the tensor has two dimensions.
int add_table(Conversion& conversion, const std::string& tensor, const std::string& feature,
              format::MissingId missing = format::MissingId::fail);

/// The same for rows that the preset has taken or computed.
int add_table(Conversion& conversion, const Tensor& rows, const std::string& feature,
              format::MissingId missing = format::MissingId::fail);

/// Rows [first, first + count) of a table that several features share, for a feature.
Tensor rows_of(const Tensor& table, std::int64_t first, std::int64_t count, const std::string& feature);

/// Adds a feature whose vector is a row of `table`.
std::uint32_t add_id_feature(Conversion& conversion, const std::string& name, format::Role role, int table);
/// Adds a feature of `width` numbers.
std::uint32_t add_dense_feature(Conversion& conversion, const std::string& name, format::Role role,
                                std::uint32_t width);
/// Makes its vector what the linear `layer` gives for its numbers.
void project_numbers(Conversion& conversion, std::uint32_t feature, Layer layer);

/// Adds the behaviour history, with the recipe's [history]; `max_length` 0 where the checkpoint states none.
void add_history(Conversion& conversion, std::uint32_t max_length = 0, Certainty certainty = Certainty::assumed);
/// Adds a behaviour history: what its recipe says, else what `otherwise` has. `certainty`: of the length; mask and pad
/// side are what the code always does. `keep`: of which behaviours stay.
void add_history(Conversion& conversion, const HistoryRecipe& recipe, Sequence otherwise, Certainty certainty,
                 Certainty keep = Certainty::assumed);
/// Adds a behaviour history as it is described.
void add_history(Conversion& conversion, const SequenceRecipe& recipe);
/// Makes a feature a column of a history too; `table` holds the rows of its behaviours, row 0 of it is padding
/// unless [history] says otherwise.
void put_in_history(Conversion& conversion, std::uint32_t feature, int table, int sequence = 0);
/// The same for a feature of numbers, projected before. Padding is `padding`, zeros where it is empty, in front of the
/// layer.
void put_numbers_in_history(Conversion& conversion, std::uint32_t feature, int sequence = 0,
                            const Vector& padding = {});
/// The row of padding of a column of the history; -1: a vector of zeros. Throws Error at the recipe when there is no
/// such row.
void set_pad_row(Conversion& conversion, std::uint32_t feature, std::int64_t pad_row);

/// Adds a number per id of `feature` to the logit; the tensor has a number for each row. Ids are found as in the
/// feature's table: by the recipe's [ids], or `missing`.
void add_bias(Conversion& conversion, const std::string& tensor, std::uint32_t feature,
              format::MissingId missing = format::MissingId::fail);

/// Gives the features their names in requests. Last: presets and recipes know them by the checkpoint's names until
/// then. Throws Error for [rename] and [ids] of a feature that does not exist.
void rename_features(Conversion& conversion);

/// The features by role, the columns of the history and its padding, as findings of the report.
void report_roles(Conversion& conversion, Certainty roles, Certainty history, Certainty padding = Certainty::preset);

}  // namespace dinghy::converter
