// The form of a table's rows, from the words of model.fbs.
#pragma once

#include "model_generated.h"
#include "schema/row.h"

namespace dinghy::format {

/// Of an encoding and a scale type that belong together: f32 and f16 have none, i4 has f16.
inline RowForm row_form(Encoding encoding, ScaleType scale) noexcept {
  switch (encoding) {
    case Encoding::f16:
      return RowForm::f16;
    case Encoding::i8:
      return scale == ScaleType::f16 ? RowForm::i8_half : RowForm::i8;
    case Encoding::i4:
      return RowForm::i4;
    case Encoding::f32:
      break;
  }
  return RowForm::f32;
}

}  // namespace dinghy::format
