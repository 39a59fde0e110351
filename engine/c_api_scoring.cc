// The C API: user states and scorers.
#include <cstddef>

#include "engine/c_api_options.h"

using dinghy::Columns;
using dinghy::Status;
using dinghy::c_api::ColumnBuffer;
using dinghy::c_api::create_handle;
using dinghy::c_api::report;
using dinghy::c_api::report_null;
using dinghy::c_api::to_options;

namespace {

/// The size of a handle with `buffers` column buffers around an object of `Object`.
template <class Handle, class Object, class Options, class From>
dinghy_code handle_size(const dinghy_model* model, const From* from, std::size_t buffers, std::size_t* bytes,
                        dinghy_status* status) noexcept {
  if (bytes == nullptr) return report_null("bytes", status);
  *bytes = 0;
  if (model == nullptr) return report_null("model", status);
  Options options;
  if (const Status read = to_options(from, options); !read) return report(read, status);
  const dinghy::Result<std::size_t> size = Object::size(model->model, options);
  if (!size) return report(size.status(), status);
  *bytes = *size + sizeof(Handle) + buffers * ColumnBuffer::bytes(model->model.features().size());
  return report(Status(), status);
}

}  // namespace

// ---- user states ---------------------------------------------------------------------------------------------------

dinghy_code dinghy_user_state_create(const dinghy_model* model, const dinghy_user_options* options,
                                     dinghy_user_state** user, dinghy_status* status) {
  return create_handle<dinghy::UserOptions>(
      model, options, "user", user, status, dinghy::UserState::create, [model](dinghy_user_state& made) noexcept {
        const std::size_t features = model->model.features().size();
        return made.features.allocate(features) && made.history.allocate(features);
      });
}

dinghy_code dinghy_user_state_size(const dinghy_model* model, const dinghy_user_options* options, size_t* bytes,
                                   dinghy_status* status) {
  return handle_size<dinghy_user_state, dinghy::UserState, dinghy::UserOptions>(model, options, 2, bytes, status);
}

void dinghy_user_state_free(dinghy_user_state* user) { dinghy::destroy(user); }

dinghy_code dinghy_user_state_set(dinghy_user_state* user, const dinghy_column* features, size_t feature_count,
                                  const dinghy_column* history, size_t history_count, dinghy_status* status) {
  if (user == nullptr) return report_null("user", status);
  Columns feature_columns, history_columns;
  Status set = user->features.convert(features, feature_count, feature_columns);
  if (set.ok()) set = user->history.convert(history, history_count, history_columns);
  if (!set.ok()) feature_columns = history_columns = {};  // the state must not keep the user before
  const Status done = user->state.set(feature_columns, history_columns);
  return report(set.ok() ? done : set, status);
}

dinghy_code dinghy_user_state_append(dinghy_user_state* user, const dinghy_column* behaviors, size_t count,
                                     dinghy_status* status) {
  if (user == nullptr) return report_null("user", status);
  Columns columns;
  Status appended = user->history.convert(behaviors, count, columns);
  if (appended.ok()) appended = user->state.append(columns);
  return report(appended, status);
}

size_t dinghy_user_state_history_length(const dinghy_user_state* user, size_t interest) {
  return user->state.history_length(interest);
}

// ---- scorers -------------------------------------------------------------------------------------------------------

dinghy_code dinghy_scorer_create(const dinghy_model* model, const dinghy_scorer_options* options,
                                 dinghy_scorer** scorer, dinghy_status* status) {
  return create_handle<dinghy::ScorerOptions>(
      model, options, "scorer", scorer, status, dinghy::Scorer::create,
      [model](dinghy_scorer& made) noexcept { return made.candidates.allocate(model->model.features().size()); });
}

dinghy_code dinghy_scorer_size(const dinghy_model* model, const dinghy_scorer_options* options, size_t* bytes,
                               dinghy_status* status) {
  return handle_size<dinghy_scorer, dinghy::Scorer, dinghy::ScorerOptions>(model, options, 1, bytes, status);
}

namespace {

/// The name of an argument of score or rescore that must not be NULL but is.
const char* null_argument(const dinghy_scorer* scorer, const dinghy_user_state* user, const float* scores,
                          size_t score_count, const float* attention, size_t attention_count) noexcept {
  if (scorer == nullptr) return "scorer";
  if (user == nullptr) return "user";
  if (scores == nullptr && score_count > 0) return "scores";
  return attention == nullptr && attention_count > 0 ? "attention" : nullptr;
}

}  // namespace

void dinghy_scorer_free(dinghy_scorer* scorer) { dinghy::destroy(scorer); }

dinghy_code dinghy_scorer_score(dinghy_scorer* scorer, const dinghy_user_state* user, const dinghy_column* candidates,
                                size_t column_count, float* scores, size_t score_count, float* attention,
                                size_t attention_count, dinghy_status* status) {
  if (const char* const null = null_argument(scorer, user, scores, score_count, attention, attention_count)) {
    return report_null(null, status);
  }
  Columns columns;
  Status scored = scorer->candidates.convert(candidates, column_count, columns);
  if (scored.ok()) {
    scored = scorer->scorer.score(user->state, columns, {scores, score_count}, {attention, attention_count});
  }
  return report(scored, status);
}

dinghy_code dinghy_scorer_rescore(dinghy_scorer* scorer, const dinghy_user_state* user, float* scores,
                                  size_t score_count, float* attention, size_t attention_count, dinghy_status* status) {
  if (const char* const null = null_argument(scorer, user, scores, score_count, attention, attention_count)) {
    return report_null(null, status);
  }
  return report(scorer->scorer.rescore(user->state, {scores, score_count}, {attention, attention_count}), status);
}

const char* dinghy_scorer_isa(const dinghy_scorer* scorer) { return scorer->scorer.isa().data(); }

int dinghy_scorer_uses_integers(const dinghy_scorer* scorer) {
  return scorer != nullptr && scorer->scorer.uses_integers() ? 1 : 0;
}
