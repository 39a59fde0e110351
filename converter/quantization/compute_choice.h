// What --compute says: the arithmetic of the attention.
#pragma once

#include <string>
#include <vector>

#include "converter/model_file/golden_rows.h"
#include "converter/network.h"

namespace dinghy::converter {

/// "f32", "int16", "int8": that one. "auto": those that may be taken, the fastest first, f32 last; int8 is among them
/// only where `limited`, that is where a limit on the AUC can refuse it. Throws Error for other words.
std::vector<format::Compute> read_compute(const std::string& word, bool limited);

/// Whether the scores of the golden rows are no further from the expected ones in `compute` than 1e-5 more than those
/// of `reference` are, on every ISA of this machine. False without rows, and where no ISA here computes so. The model
/// is drafted beside `output`; `rows_name` and `checkpoint` are for errors.
bool golden_rows_confirm(Network network, format::Compute compute, const GoldenRows& golden,
                         const std::string& rows_name, const std::string& checkpoint, const std::string& output);

/// A note of the model's provenance.
std::string compute_note(format::Compute compute);

}  // namespace dinghy::converter
