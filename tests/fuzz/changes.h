// All that can be changed in the metadata of a model, found by walking the schema (tests/engine/model_fields.h).
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "changeable_generated.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::fuzz {

/// A change that can be made somewhere in a model.
struct Change {
  std::string_view kind;
  std::string_view name;  // of the field
  unsigned part;          // of the model: which of its features, interests …
  std::function<void(tests::Random&)> apply;
};

/// Good for one change: it may move what the others would change.
std::vector<Change> changes_of(tests::changeable::ModelT& model);

}  // namespace dinghy::fuzz
