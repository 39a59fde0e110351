// dinghy-start [--prefetch] MODEL NAME=ID,ID…: opens a model, creates a user state and a scorer, and scores once
// (first_score.h). --prefetch asks for all rows of the request as soon as the model is open.
#include <optional>

#include "bench/checked.h"
#include "bench/peers/start/first_score.h"
#include "dinghy/scorer.h"
#include "dinghy/user_state.h"

namespace dinghy::bench {
namespace {

struct Columns {
  std::vector<Column> user, history, candidates;
};

/// By the names of bench/workloads: history_NAME is a column of the behaviours.
Columns columns_of(const Model& model, const std::vector<Input<std::int64_t>>& inputs) {
  constexpr std::string_view kHistory = "history_";
  Columns columns;
  for (const Input<std::int64_t>& input : inputs) {
    const bool in_history = input.name.starts_with(kHistory);
    const std::string name = in_history ? input.name.substr(kHistory.size()) : input.name;
    const std::optional<std::uint32_t> found = model.feature(name);
    if (!found) throw std::runtime_error(name + ": is no feature of the model");
    const std::uint32_t feature = *found;
    const bool of_user = model.features()[feature].role == Role::user;
    std::vector<Column>& side = of_user ? columns.user : columns.candidates;
    (in_history ? columns.history : side).push_back(Column::ids(feature, input.ids));
  }
  return columns;
}

void prefetch(const Model& model, const Columns& columns) {
  for (const std::vector<Column>* part : {&columns.user, &columns.history, &columns.candidates}) {
    check(model.prefetch(*part));
  }
}

void run(Steps& steps, const char* path, const std::vector<Input<std::int64_t>>& inputs, bool ahead) {
  const Model model = value(Model::open(path));
  steps.done("open");
  const Columns columns = columns_of(model, inputs);
  if (ahead) {
    prefetch(model, columns);
    steps.done("prefetch");
  }
  if (columns.history.empty() || columns.candidates.empty()) throw std::runtime_error("no history or no candidates");
  const std::size_t behaviors = columns.history[0].size(), count = columns.candidates[0].size();
  auto user = value(UserState::create(model, {.max_history = behaviors}));
  auto scorer = value(Scorer::create(model, {.max_candidates = count, .max_history = behaviors}));
  std::vector<float> scores(count);
  steps.done("create");
  check(user.set(columns.user, columns.history));
  steps.done("set");
  check(scorer.score(user, columns.candidates, scores));
  steps.done("score");
  steps.report(scores);
}

}  // namespace
}  // namespace dinghy::bench

int main(int argc, char** argv) {
  using namespace dinghy::bench;
  return report_first_score("dinghy-start", [&](Steps& steps) {
    const bool prefetch = argc > 1 && std::string_view(argv[1]) == "--prefetch";
    char** const model = argv + (prefetch ? 2 : 1);
    if (argv + argc - model < 2) throw std::runtime_error("usage: dinghy-start [--prefetch] MODEL NAME=ID,ID...");
    run(steps, *model, read_inputs<std::int64_t>(model + 1, argv + argc), prefetch);
  });
}
