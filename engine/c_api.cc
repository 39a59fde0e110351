// The C API: version, memory, instruction sets and models.
#include <cstddef>

#include "dinghy/isa.h"
#include "engine/c_api_handles.h"
#include "engine/c_api_struct.h"

using dinghy::Code;
using dinghy::Columns;
using dinghy::Status;
using dinghy::c_api::hand_over;
using dinghy::c_api::isa_of;
using dinghy::c_api::read_struct;
using dinghy::c_api::report;
using dinghy::c_api::report_null;

namespace {

static_assert(DINGHY_MESSAGE_SIZE == Status::kMessageSize);
static_assert(DINGHY_EMPTY_HISTORY == static_cast<int>(Code::empty_history));
static_assert(DINGHY_VERSION_MISMATCH == static_cast<int>(Code::version_mismatch));
static_assert(DINGHY_ROLE_HISTORY == static_cast<int>(dinghy::Role::history));
static_assert(DINGHY_FEATURE_DENSE == static_cast<int>(dinghy::FeatureKind::dense));

/// Gives the model one column after the other: they need not match, and a model shared by threads has no room to
/// convert them together.
dinghy_code for_each_column(const dinghy_model* model, Status (dinghy::Model::*call)(Columns) const noexcept,
                            const dinghy_column* columns, size_t count, dinghy_status* status) noexcept {
  if (model == nullptr) return report_null("model", status);
  if (columns == nullptr && count > 0) return report_null("columns", status);
  for (size_t i = 0; i < count; ++i) {
    const Status called = dinghy::c_api::for_each_column(
        columns[i], [&](const dinghy::Column& column) noexcept { return (model->model.*call)({&column, 1}); });
    if (!called) return report(called, status);
  }
  return report(Status(), status);
}

/// A text of the file, behind which FlatBuffers writes a zero.
const char* with_zero(std::string_view text) noexcept { return text.empty() ? "" : text.data(); }

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

// ---- version -------------------------------------------------------------------------------------------------------

const char* dinghy_version(void) { return dinghy::version(); }

// ---- memory --------------------------------------------------------------------------------------------------------

dinghy_code dinghy_set_allocator(const dinghy_allocator* allocator, dinghy_status* status) {
  if (allocator == nullptr) return report_null("allocator", status);
  dinghy_allocator read{};
  if (const Status copied = read_struct(allocator, "the allocator", read); !copied) return report(copied, status);
  return report(dinghy::set_allocator({read.allocate, read.release, read.context}), status);
}

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

const char* dinghy_model_name(const dinghy_model* model) { return with_zero(model->model.name()); }

const char* dinghy_model_version(const dinghy_model* model) { return with_zero(model->model.version()); }

uint64_t dinghy_model_id(const dinghy_model* model) { return model->model.id(); }

size_t dinghy_model_describe(const dinghy_model* model, char* buffer, size_t size) {
  return model->model.describe({buffer, buffer == nullptr ? 0 : size});
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
  const dinghy::Feature& from = features[index];
  dinghy_feature to{};
  to.name = from.name.data();
  to.role = static_cast<std::int32_t>(from.role);
  to.kind = static_cast<std::int32_t>(from.kind);
  to.dense_width = from.dense_width;
  to.in_history = from.in_history;
  to.string_ids = from.string_ids;
  to.remote_version = from.remote_version;
  to.remote_history_version = from.remote_history_version;
  return report(dinghy::c_api::write_struct(to, "the feature", feature), status);
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
