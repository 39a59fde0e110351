// The columns of a call, matched with the features that it needs and checked once, so that gathering runs blind.
#pragma once

#include <cstddef>

#include "dinghy/columns.h"
#include "engine/network/network.h"

namespace dinghy::network {

/// What is wrong with where the column's values and offsets lie, in words; nullptr where nothing is. They have to lie
/// at addresses that their types allow, and end inside the address space. Elsewhere a read is a fault on some
/// processors, and undefined on all: every call looks before it reads.
const char* misplaced(const Column& column) noexcept;

/// Which part of a request a call brings.
enum class Side { user, history, candidates };

/// True for the features that `side` has a column for: user and context; columns of a history; candidate features.
bool belongs(const Feature& feature, Side side) noexcept;

/// Fills `matched[f]` with the column of each feature that belongs to `side` (others: null). Checks that none is
/// missing, foreign or given twice, that kinds fit, bags have sound offsets and numbers are finite. Errors:
/// invalid_argument, naming the feature.
Status match_columns(const Model& model, Side side, Columns columns, const Column** matched) noexcept;

/// Rows that a matched column holds.
std::size_t rows_of(const Feature& feature, const Column& column) noexcept;

/// Checks that every column of `side` (and, for the history, of `sequence`) has the same number of rows and gives it;
/// 0 when there is none. Errors: invalid_argument.
Status count_rows(const Model& model, Side side, int sequence, const Column* const* matched,
                  std::size_t& rows) noexcept;

}  // namespace dinghy::network
