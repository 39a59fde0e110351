// The C API in the tests' words: the handles of a model, and requests as its columns.
#pragma once

#include <cstdint>
#include <vector>

#include "dinghy/dinghy.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {

/// The handles of one model, with default options.
struct Handles {
  explicit Handles(const ModelFile& file);
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles();  // the model first: the others must not need it

  std::uint32_t number(const char* name) const {
    return static_cast<std::uint32_t>(dinghy_model_feature_number(model, name));
  }

  dinghy_model* model = nullptr;
  dinghy_user_state* user = nullptr;
  dinghy_scorer* scorer = nullptr;
};

/// The columns of a request as the C API takes them; they point into `values`.
std::vector<dinghy_column> c_columns(const Handles& handles, const Values& values);

/// Sets the user and the history of a request.
dinghy_code set(const Handles& handles, const Request& request, dinghy_status* status = nullptr);

/// Scores its candidates; scores.size() is their count.
dinghy_code score(const Handles& handles, const Request& request, std::vector<float>& scores, dinghy_status* status);

}  // namespace dinghy::tests
