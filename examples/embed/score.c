// The smallest useful program with the engine, in C: one customer of the demo's shop, three items, their click
// probabilities.
//
// usage: score demo.dinghy
#include <dinghy/dinghy.h>
#include <stdio.h>
#include <stdlib.h>

static void require(dinghy_code code, const dinghy_status* status) {
  if (code == DINGHY_OK) return;
  fprintf(stderr, "score: %s\n", status->message);
  exit(1);
}

static uint32_t number_of(const dinghy_model* model, const char* feature) {
  const int64_t number = dinghy_model_feature_number(model, feature);
  return number < 0 ? 0 : (uint32_t)number;  // a model without the feature gives an error from set
}

int main(int argc, char** argv) {
  dinghy_status status;
  dinghy_model* model;
  dinghy_user_state* user;
  dinghy_scorer* scorer;
  const dinghy_user_options user_options = {.struct_size = sizeof user_options, .max_history = 50};
  const dinghy_scorer_options scorer_options = {
      .struct_size = sizeof scorer_options, .max_candidates = 100, .max_history = 50};
  require(dinghy_model_open(argc == 2 ? argv[1] : "demo.dinghy", &model, &status), &status);
  require(dinghy_user_state_create(model, &user_options, &user, &status), &status);
  require(dinghy_scorer_create(model, &scorer_options, &scorer, &status), &status);

  // The ids that the app has.
  const uint32_t customer = number_of(model, "user"), item = number_of(model, "item");
  const uint32_t category = number_of(model, "category");
  const int64_t customer_id[] = {150};
  const int64_t seen[] = {180, 188, 187, 297, 55}, seen_categories[] = {8, 8, 8, 12, 3};
  const int64_t page[] = {289, 65, 195}, page_categories[] = {12, 3, 8};

  const dinghy_column features[] = {dinghy_ids(customer, customer_id, 1)};
  const dinghy_column history[] = {dinghy_ids(item, seen, 5), dinghy_ids(category, seen_categories, 5)};
  const dinghy_column candidates[] = {dinghy_ids(item, page, 3), dinghy_ids(category, page_categories, 3)};
  float scores[3];
  require(dinghy_user_state_set(user, features, 1, history, 2, &status), &status);
  require(dinghy_scorer_score(scorer, user, candidates, 2, scores, 3, NULL, 0, &status), &status);
  for (int n = 0; n < 3; ++n) printf("item %d: %.4f\n", (int)page[n], scores[n]);

  dinghy_scorer_free(scorer);
  dinghy_user_state_free(user);
  dinghy_model_free(model);
  return 0;
}
