#include "tests/engine/c_handles.h"

#include <catch2/catch_test_macros.hpp>

namespace dinghy::tests {

Handles::Handles(const ModelFile& file) {
  dinghy_status status;
  REQUIRE(dinghy_model_open(file.path().c_str(), &model, &status) == DINGHY_OK);
  REQUIRE(dinghy_user_state_create(model, nullptr, &user, &status) == DINGHY_OK);
  REQUIRE(dinghy_scorer_create(model, nullptr, &scorer, &status) == DINGHY_OK);
}

Handles::~Handles() {
  dinghy_model_free(model);
  dinghy_user_state_free(user);
  dinghy_scorer_free(scorer);
}

std::vector<dinghy_column> c_columns(const Handles& handles, const Values& values) {
  std::vector<dinghy_column> columns;
  for (const auto& [name, ids] : values.ids) {
    const auto bag = values.offsets.find(name);
    const std::uint32_t f = handles.number(name.c_str());
    columns.push_back(bag == values.offsets.end()
                          ? dinghy_ids(f, ids.data(), ids.size())
                          : dinghy_bags(f, ids.data(), ids.size(), bag->second.data(), bag->second.size()));
  }
  for (const auto& [name, numbers] : values.numbers) {
    columns.push_back(dinghy_numbers(handles.number(name.c_str()), numbers.data(), numbers.size()));
  }
  return columns;
}

dinghy_code set(const Handles& handles, const Request& request, dinghy_status* status) {
  const auto user = c_columns(handles, request.user), history = c_columns(handles, request.history);
  return dinghy_user_state_set(handles.user, user.data(), user.size(), history.data(), history.size(), status);
}

dinghy_code score(const Handles& handles, const Request& request, std::vector<float>& scores, dinghy_status* status) {
  const auto candidates = c_columns(handles, request.candidates);
  return dinghy_scorer_score(handles.scorer, handles.user, candidates.data(), candidates.size(), scores.data(),
                             scores.size(), nullptr, 0, status);
}

}  // namespace dinghy::tests
