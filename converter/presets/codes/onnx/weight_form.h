// How the weights of a pooled history come from a score: mask, scale, softmax.
#pragma once

#include "converter/presets/codes/onnx/weight_function.h"

namespace dinghy::converter {

struct WeightForm {
  const Expression* score = nullptr;  // what depends on query and key; nullptr: nothing, the weights are `scale`
  double scale = 1, shift = 0;        // on the score, before the normalizer
  format::Normalizer normalizer = format::Normalizer::raw;
  format::Pads pads = format::Pads::excluded;
  format::EmptyHistory empty = format::EmptyHistory::zero;
  HistoryMask mask;
};

/// Finds out by computing `weight` for behaviours and for padding. Throws Error at its node when it is no such form.
WeightForm weight_form_of(const GraphConversion& graph, const Expression* weight);

}  // namespace dinghy::converter
