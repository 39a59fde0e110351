// Floats to the rows of a table in the file: schema/row.h the other way round.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "schema/row.h"

namespace dinghy::converter {

/// The nearest binary16, ties to even; infinity above 65504 + 16.
std::uint16_t float_to_half(float x);

/// Writes one row of finite numbers to `out`, which has room for row_bytes(form, numbers.size()).
///
/// i8 and i4 are bit for bit FBGEMM's FloatOrHalfToFused8BitRowwiseQuantizedSBFloat and
/// FloatOrHalfToFusedNBitRowwiseQuantizedSBHalf (QuantUtils.cc), i8_half its 8-bit form with halves: scale = range /
/// 255 or 15, bias = the smallest number, both rounded to halves before the numbers are, where they are stored so.
void encode_row(format::RowForm form, std::span<const float> numbers, std::byte* out);

}  // namespace dinghy::converter
