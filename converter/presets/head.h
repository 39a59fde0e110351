// What becomes of the logit.
#pragma once

#include "converter/presets/conversion.h"

namespace dinghy::converter {

/// The score is a probability, or the logit itself: by [head] of the recipe or else `link`.
void choose_link(Conversion& conversion, format::Link link, Certainty certainty);

/// What becomes of the logit, as a finding.
void report_link(Conversion& conversion, const Sourced<format::Link>& link);

/// Throws Error at the recipe when its [head] says another link than the network has: a code that has but one.
void require_link_of_recipe(const Conversion& conversion);

}  // namespace dinghy::converter
