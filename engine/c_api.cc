#include <algorithm>
#include <cstring>
#include <string_view>

#include "dinghy/dinghy.h"
#include "dinghy/isa.h"
#include "dinghy/scorer.h"
#include "engine/c_api_columns.h"
#include "engine/memory/owned.h"

using dinghy::Code;
using dinghy::Columns;
using dinghy::Status;
using dinghy::c_api::ColumnBuffer;

struct dinghy_model {
  dinghy::Model model;
};

struct dinghy_user_state {
  dinghy::UserState state;
  ColumnBuffer features{}, history{};
};

struct dinghy_scorer {
  dinghy::Scorer scorer;
  ColumnBuffer candidates{};
};

namespace {

static_assert(DINGHY_MESSAGE_SIZE == Status::kMessageSize);
static_assert(DINGHY_EMPTY_HISTORY == static_cast<int>(Code::empty_history));
static_assert(DINGHY_WRONG_SCORES == static_cast<int>(Code::wrong_scores));
static_assert(DINGHY_ROLE_HISTORY == static_cast<int>(dinghy::Role::history));
static_assert(DINGHY_FEATURE_DENSE == static_cast<int>(dinghy::FeatureKind::dense));

/// No struct of a later version will be larger: what claims to be is uninitialized, and must not be read.
constexpr size_t kMaxStruct = 4096;

dinghy_code report(const Status& status, dinghy_status* out) noexcept {
  if (out != nullptr) {
    out->code = static_cast<dinghy_code>(status.code());
    std::memcpy(out->message, status.message(), std::strlen(status.message()) + 1);
  }
  return static_cast<dinghy_code>(status.code());
}

dinghy_code report_null(const char* what, dinghy_status* out) noexcept {
  return report(Status::error(Code::invalid_argument, "%s is NULL", what), out);
}

/// Copies what caller and engine both know of the caller's options. A newer caller that sets a field which this engine
/// does not know must not get a call that ignores it.
template <class Options>
Status read_options(const Options* from, Options& to) noexcept {
  if (from == nullptr) return Status();
  const std::size_t size = from->struct_size;
  // What is no multiple of the alignment is the size of no struct, and would hand over half a pointer.
  if (size < sizeof size || size > kMaxStruct || size % alignof(Options) != 0) {
    return Status::error(Code::invalid_argument, "the options' struct_size is not set");
  }
  const auto* const bytes = reinterpret_cast<const unsigned char*>(from);
  const std::size_t known = std::min(size, sizeof to);
  std::memcpy(&to, bytes, known);
  if (std::any_of(bytes + known, bytes + size, [](unsigned char byte) { return byte != 0; })) {
    return Status::error(Code::unsupported, "the options set a field that needs a newer engine");
  }
  return Status();
}

std::string_view isa_of(const char* isa) noexcept { return isa == nullptr ? std::string_view() : isa; }

/// Gives the caller a handle of what a C++ call made. `prepare` allocates what else the handle needs.
template <class Handle, class T, class Prepare>
dinghy_code hand_over(dinghy::Result<T>& result, Handle** out, dinghy_status* status, Prepare prepare) noexcept {
  if (!result.ok()) return report(result.status(), status);
  auto* const handle = dinghy::make<Handle>(std::move(*result));
  if (handle == nullptr || !prepare(*handle)) {
    dinghy::destroy(handle);
    return report(Status::error(Code::out_of_memory, "no memory for a handle"), status);
  }
  *out = handle;
  return report(Status(), status);
}

/// Gives the model one column after the other: they need not match, and a model shared by threads has no room to
/// convert them together.
dinghy_code for_each_column(const dinghy_model* model, Status (dinghy::Model::*call)(Columns) const noexcept,
                            const dinghy_column* columns, size_t count, dinghy_status* status) noexcept {
  if (model == nullptr) return report_null("model", status);
  if (columns == nullptr && count > 0) return report_null("columns", status);
  for (size_t i = 0; i < count; ++i) {
    if (const Status checked = dinghy::c_api::check(columns[i]); !checked) return report(checked, status);
    const dinghy::Column column = dinghy::c_api::column_of(columns[i]);
    if (const Status called = (model->model.*call)({&column, 1}); !called) return report(called, status);
  }
  return report(Status(), status);
}

constexpr auto kNothingElse = [](const dinghy_model&) noexcept { return true; };

dinghy_code open_path(dinghy::Result<dinghy::Model> (*open)(const char*) noexcept, const char* path,
                      dinghy_model** model, dinghy_status* status) noexcept {
  if (model == nullptr) return report_null("model", status);
  *model = nullptr;
  if (path == nullptr) return report_null("path", status);
  auto opened = open(path);
  return hand_over(opened, model, status, kNothingElse);
}

}  // namespace

// ---- instruction sets ----------------------------------------------------------------------------------------------

const char* dinghy_isa_name(size_t index) {
  return index < dinghy::isas().size() ? dinghy::isas()[index].name : nullptr;
}

bool dinghy_isa_available(size_t index) { return index < dinghy::isas().size() && dinghy::isas()[index].available; }

// ---- models --------------------------------------------------------------------------------------------------------

dinghy_code dinghy_model_open(const char* path, dinghy_model** model, dinghy_status* status) {
  return open_path(&dinghy::Model::open, path, model, status);
}

dinghy_code dinghy_model_read(const char* path, dinghy_model** model, dinghy_status* status) {
  return open_path(&dinghy::Model::read, path, model, status);
}

dinghy_code dinghy_model_open_fd(int descriptor, uint64_t offset, uint64_t size, dinghy_model** model,
                                 dinghy_status* status) {
  if (model == nullptr) return report_null("model", status);
  *model = nullptr;
  auto opened = dinghy::Model::open(descriptor, offset, size);
  return hand_over(opened, model, status, kNothingElse);
}

dinghy_code dinghy_model_from_memory(const void* bytes, size_t size, dinghy_model** model, dinghy_status* status) {
  return dinghy_model_from_owned_memory(bytes, size, nullptr, nullptr, model, status);
}

dinghy_code dinghy_model_from_owned_memory(const void* bytes, size_t size, void (*release)(void* context),
                                           void* context, dinghy_model** model, dinghy_status* status) {
  const char* const null = model == nullptr ? "model" : bytes == nullptr ? "bytes" : nullptr;
  if (model != nullptr) *model = nullptr;
  if (null != nullptr) {
    if (release != nullptr) release(context);
    return report_null(null, status);
  }
  auto opened = dinghy::Model::from_memory({static_cast<const std::byte*>(bytes), size}, {release, context});
  return hand_over(opened, model, status, kNothingElse);
}

dinghy_model* dinghy_model_copy(const dinghy_model* model) { return dinghy::make<dinghy_model>(model->model); }

void dinghy_model_free(dinghy_model* model) { dinghy::destroy(model); }

dinghy_code dinghy_model_verify(const dinghy_model* model, dinghy_status* status) {
  return model == nullptr ? report_null("model", status) : report(model->model.verify(), status);
}

dinghy_code dinghy_model_selftest(const dinghy_model* model, const char* isa, dinghy_status* status) {
  if (model == nullptr) return report_null("model", status);
  return report(model->model.selftest(isa_of(isa)), status);
}

const char* dinghy_model_name(const dinghy_model* model) {
  const std::string_view name = model->model.name();
  return name.empty() ? "" : name.data();  // FlatBuffers ends its strings with a zero
}

size_t dinghy_model_interests(const dinghy_model* model) { return model->model.interests(); }

size_t dinghy_model_trained_history(const dinghy_model* model) { return model->model.trained_history(); }

size_t dinghy_model_feature_count(const dinghy_model* model) { return model->model.features().size(); }

dinghy_code dinghy_model_feature(const dinghy_model* model, size_t index, dinghy_feature* feature,
                                 dinghy_status* status) {
  if (model == nullptr) return report_null("model", status);
  if (feature == nullptr) return report_null("feature", status);
  const auto features = model->model.features();
  if (index >= features.size()) {
    return report(Status::error(Code::invalid_argument, "feature %zu; the model has %zu", index, features.size()),
                  status);
  }
  if (feature->struct_size < sizeof feature->struct_size) {
    return report(Status::error(Code::invalid_argument, "the feature's struct_size is not set"), status);
  }
  const dinghy::Feature& from = features[index];
  dinghy_feature to{};
  to.struct_size = feature->struct_size;
  to.name = from.name.data();
  to.role = static_cast<std::int32_t>(from.role);
  to.kind = static_cast<std::int32_t>(from.kind);
  to.dense_width = from.dense_width;
  to.in_history = from.in_history;
  to.string_ids = from.string_ids;
  std::memcpy(feature, &to, std::min(to.struct_size, sizeof to));
  return report(Status(), status);
}

int64_t dinghy_model_feature_number(const dinghy_model* model, const char* name) {
  if (name == nullptr) return -1;
  const auto number = model->model.feature(name);
  return number ? static_cast<std::int64_t>(*number) : -1;
}

uint64_t dinghy_model_missing_ids(const dinghy_model* model, uint32_t feature) {
  return model->model.missing_ids(feature);
}

dinghy_code dinghy_model_prefetch(const dinghy_model* model, const dinghy_column* columns, size_t count,
                                  dinghy_status* status) {
  return for_each_column(model, &dinghy::Model::prefetch, columns, count, status);
}

dinghy_code dinghy_model_pin(const dinghy_model* model, const dinghy_column* columns, size_t count,
                             dinghy_status* status) {
  return for_each_column(model, &dinghy::Model::pin, columns, count, status);
}

// ---- user states ---------------------------------------------------------------------------------------------------

dinghy_code dinghy_user_state_create(const dinghy_model* model, const dinghy_user_options* options,
                                     dinghy_user_state** user, dinghy_status* status) {
  if (user == nullptr) return report_null("user", status);
  *user = nullptr;
  if (model == nullptr) return report_null("model", status);
  dinghy_user_options read{};
  if (const Status checked = read_options(options, read); !checked) return report(checked, status);
  dinghy::UserOptions to{.isa = isa_of(read.isa)};
  if (read.max_history != 0) to.max_history = read.max_history;
  auto created = dinghy::UserState::create(model->model, to);
  const std::size_t features = model->model.features().size();
  return hand_over(created, user, status, [features](dinghy_user_state& made) noexcept {
    return made.features.allocate(features) && made.history.allocate(features);
  });
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
  if (scorer == nullptr) return report_null("scorer", status);
  *scorer = nullptr;
  if (model == nullptr) return report_null("model", status);
  dinghy_scorer_options read{};
  if (const Status checked = read_options(options, read); !checked) return report(checked, status);
  if (read.integers > DINGHY_INTEGERS_NEVER) {
    return report(
        dinghy::Status::error(dinghy::Code::invalid_argument, "integers: there is no choice %zu", read.integers),
        status);
  }
  dinghy::ScorerOptions to{.isa = isa_of(read.isa), .integers = static_cast<dinghy::Integers>(read.integers)};
  if (read.max_candidates != 0) to.max_candidates = read.max_candidates;
  if (read.max_history != 0) to.max_history = read.max_history;
  auto created = dinghy::Scorer::create(model->model, to);
  const std::size_t features = model->model.features().size();
  return hand_over(created, scorer, status,
                   [features](dinghy_scorer& made) noexcept { return made.candidates.allocate(features); });
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
