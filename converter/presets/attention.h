// The knobs of an interest that no tensor tells of: normalizer, scale, and what an empty history gives.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// The width of a key: its fields side by side.
std::uint32_t key_width(const Network& network, const std::vector<Field>& fields);

/// Every feature of the history, compared with itself, in the network's order.
std::vector<Field> history_fields(const Network& network);

/// Softmax or raw weights, by [attention] of the recipe or else `softmax`.
void choose_normalizer(Conversion& conversion, Interest& interest, bool softmax, Certainty certainty);

/// The factor on the logits, by [attention] or else `scale`.
void choose_scale(Conversion& conversion, Interest& interest, ScaleRecipe scale, std::size_t key_width);

/// By [history] or else `empty`.
void choose_empty(Conversion& conversion, Interest& interest, format::EmptyHistory empty, Certainty certainty);

/// Normalizer, scale and empty history as they are described, with what says so as findings. `key_width`: that of the
/// interest.
void set_knobs(Conversion& conversion, Interest& interest, const InterestRecipe& recipe, std::size_t key_width);

/// Padding rows up to the longest history, which take part as `pads` says. After add_history(). Throws Error when the
/// recipe does not state that length, and when it says what an empty history is: here it is padding.
void choose_pads(Conversion& conversion, Interest& interest, format::Pads pads);

/// Throws Error at the recipe when `pad_to` is 0, or when it says what an empty history is and here that is padding.
void require_padding(const Recipe& recipe, format::Pads pads, std::uint32_t pad_to);

double scale_of(const ScaleRecipe& scale, std::size_t key_width);
/// "1/sqrt(32)", or the number.
std::string scale_text(const ScaleRecipe& scale, std::size_t key_width);

}  // namespace dinghy::converter
