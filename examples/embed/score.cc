// The smallest useful program with the engine: one customer of the demo's shop, three items, their click probabilities.
//
// usage: score demo.dinghy
#include <dinghy/scorer.h>

#include <cstdint>
#include <cstdio>

namespace {

int fail(const dinghy::Status& status) {
  std::fprintf(stderr, "score: %s\n", status.message());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using dinghy::Column;
  const auto model = dinghy::Model::open(argc == 2 ? argv[1] : "demo.dinghy");
  if (!model) return fail(model.status());
  auto user = dinghy::UserState::create(*model, {.max_history = 50});
  auto scorer = dinghy::Scorer::create(*model, {.max_candidates = 100, .max_history = 50});
  if (!user) return fail(user.status());
  if (!scorer) return fail(scorer.status());

  // The ids that the app has. A model without these features gives an error from set().
  const auto customer = model->feature("user").value_or(0);
  const auto item = model->feature("item").value_or(0), category = model->feature("category").value_or(0);
  const std::int64_t customer_id[] = {150};
  const std::int64_t seen[] = {180, 188, 187, 297, 55}, seen_categories[] = {8, 8, 8, 12, 3};
  const std::int64_t page[] = {289, 65, 195}, page_categories[] = {12, 3, 8};

  const Column features[] = {Column::ids(customer, customer_id)};
  const Column history[] = {Column::ids(item, seen), Column::ids(category, seen_categories)};
  const Column candidates[] = {Column::ids(item, page), Column::ids(category, page_categories)};
  float scores[3];
  if (const auto status = user->set(features, history); !status) return fail(status);
  if (const auto status = scorer->score(*user, candidates, scores); !status) return fail(status);
  for (int n = 0; n < 3; ++n) std::printf("item %d: %.4f\n", static_cast<int>(page[n]), scores[n]);
}
