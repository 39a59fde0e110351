// A device's model, whose rows come with the calls, against the model that has them all.
#pragma once

#include <string>

namespace dinghy::converter {

/// Checks that the requests of `lines` have the same scores and attention weights, bit for bit, on every ISA of this
/// machine: with ids and rows, with some of the rows only, with rows alone where the model takes them, and with ids
/// alone, whose rows the device has; also after append() and rescore(). `whole` and `device` are what one conversion
/// wrote. Returns how many requests were scored by rows alone.
std::size_t check_split(const std::string& whole, const std::string& device, const std::string& lines);

}  // namespace dinghy::converter
