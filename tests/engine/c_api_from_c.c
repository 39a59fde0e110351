#include "tests/engine/c_api_from_c.h"

static uint32_t number_of(const dinghy_model* model, const char* name) {
  return (uint32_t)dinghy_model_feature_number(model, name);
}

static dinghy_code score(const dinghy_model* model, dinghy_user_state* user, dinghy_scorer* scorer,
                         const struct c_request* r, float* scores, float* attention, dinghy_status* status) {
  const uint32_t item = number_of(model, "item"), field = number_of(model, "field1");
  const dinghy_column features[] = {dinghy_ids(number_of(model, "user"), &r->user, 1)};
  const dinghy_column history[] = {dinghy_ids(item, r->history_items, r->history),
                                   dinghy_ids(field, r->history_fields, r->history)};
  const dinghy_column candidates[] = {dinghy_ids(number_of(model, "shop"), r->shops, r->candidates),
                                      dinghy_ids(item, r->items, r->candidates),
                                      dinghy_ids(field, r->fields, r->candidates)};
  const dinghy_code code = dinghy_user_state_set(user, features, 1, history, 2, status);
  if (code != DINGHY_OK) return code;
  const size_t weights = r->candidates * dinghy_user_state_history_length(user, 0);
  return dinghy_scorer_score(scorer, user, candidates, 3, scores, r->candidates, attention, weights, status);
}

dinghy_code c_score(const char* path, const char* isa, const struct c_request* request, float* scores, float* attention,
                    dinghy_status* status) {
  const dinghy_user_options user_options = {.struct_size = sizeof user_options, .isa = isa};
  const dinghy_scorer_options scorer_options = {.struct_size = sizeof scorer_options, .isa = isa};
  dinghy_model* model = NULL;
  dinghy_user_state* user = NULL;
  dinghy_scorer* scorer = NULL;
  dinghy_code code = dinghy_model_open(path, &model, status);
  if (code == DINGHY_OK) code = dinghy_user_state_create(model, &user_options, &user, status);
  if (code == DINGHY_OK) code = dinghy_scorer_create(model, &scorer_options, &scorer, status);
  if (code == DINGHY_OK) code = score(model, user, scorer, request, scores, attention, status);
  dinghy_scorer_free(scorer);
  dinghy_user_state_free(user);
  dinghy_model_free(model);
  return code;
}
