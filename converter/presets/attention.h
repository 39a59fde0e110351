// The knobs of an interest that no tensor tells of: normalizer, scale, and what an empty history gives.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// Softmax or raw weights, by [attention] of the recipe or else `softmax`.
void choose_normalizer(Conversion& conversion, Interest& interest, bool softmax, Certainty certainty);

/// The factor on the logits, by [attention] or else `scale`.
void choose_scale(Conversion& conversion, Interest& interest, ScaleRecipe scale, std::size_t key_width);

/// By [history] or else `empty`.
void choose_empty(Conversion& conversion, Interest& interest, format::EmptyHistory empty, Certainty certainty);

double scale_of(const ScaleRecipe& scale, std::size_t key_width);
/// "1/sqrt(32)", or the number.
std::string scale_text(const ScaleRecipe& scale, std::size_t key_width);

}  // namespace dinghy::converter
