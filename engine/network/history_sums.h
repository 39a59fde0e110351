// The sums over the history that the tower and MLPs take: each stands once in the user row.
#pragma once

#include "engine/network/network.h"

namespace dinghy::network {

/// Collects the sums that the operands of tower and MLPs name, and gives them places in the user row. Operands that
/// lead nowhere are left to whoever reads them. Errors: bad_file when they are too wide together; out_of_memory.
Status read_history_sums(Model& model) noexcept;

/// The place of an operand's sum in the user row. The operand is one that read_history_sums() has seen.
std::size_t history_sum_offset(const Model& model, const format::Operand& operand) noexcept;

bool is_history_sum(const format::Operand& operand) noexcept;

}  // namespace dinghy::network
