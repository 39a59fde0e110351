#include "bindings/python/src/arrow_scores.h"

#include <limits>

#include "bindings/python/src/arrow_values.h"

namespace nb = nanobind;

namespace dinghy::python {
namespace {

// What an exported struct points to. A consumer may move the child out and keep it longer than its parent, so each has
// one of its own.
struct SchemaParts {
  ArrowSchema child = {};
  ArrowSchema* children[1] = {&child};
};
struct ArrayParts {
  std::shared_ptr<const ArrowScores::Data> data;
  const void* buffers[2];
  ArrowArray child = {};
  ArrowArray* children[1] = {&child};
};

template <class Struct, class Parts>
void release(Struct* exported) {
  auto* const parts = static_cast<Parts*>(exported->private_data);
  if (parts->child.release != nullptr) parts->child.release(&parts->child);
  delete parts;
  exported->release = nullptr;
}

SchemaParts* export_schema(ArrowSchema& schema, const char* format, const char* name, bool parent) {
  constexpr std::int64_t kNullable = 2;
  auto* const parts = new SchemaParts;
  schema = {.format = format,
            .name = name,
            .metadata = nullptr,
            .flags = kNullable,
            .n_children = parent ? 1 : 0,
            .children = parent ? parts->children : nullptr,
            .dictionary = nullptr,
            .release = release<ArrowSchema, SchemaParts>,
            .private_data = parts};
  return parts;
}

ArrayParts* export_array(ArrowArray& array, const std::shared_ptr<ArrowScores::Data>& data, std::size_t length,
                         std::int64_t nulls, const void* buffer, bool parent) {
  auto* const parts = new ArrayParts{.data = data, .buffers = {nulls > 0 ? data->valid.data() : nullptr, buffer}};
  array = {.length = static_cast<std::int64_t>(length),
           .null_count = nulls,
           .offset = 0,
           .n_buffers = 2,
           .n_children = parent ? 1 : 0,
           .buffers = parts->buffers,
           .children = parent ? parts->children : nullptr,
           .dictionary = nullptr,
           .release = release<ArrowArray, ArrayParts>,
           .private_data = parts};
  return parts;
}

template <class Struct>
nb::capsule capsule(std::unique_ptr<Owned<Struct>> owned, const char* name) {
  // The capsule's pointer is that of the struct, which lies at the front of its owner.
  nb::capsule capsule(owned->get(), name,
                      [](void* exported) noexcept { delete static_cast<Owned<Struct>*>(exported); });
  owned.release();
  return capsule;
}

}  // namespace

std::span<float> ArrowScores::begin(std::size_t count) {
  const auto from = static_cast<std::size_t>(data_->offsets.back());
  if (count > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) - from) {
    throw ArrowTypeError("the batch has more than 2147483647 candidates; score it in several");
  }
  data_->values.resize(from + count);
  return std::span(data_->values).subspan(from);
}

void ArrowScores::add(bool valid) {
  Data& data = *data_;
  data.offsets.push_back(static_cast<std::int32_t>(data.values.size()));
  if (data.rows % 8 == 0) data.valid.push_back(0);
  if (valid) data.valid.back() |= static_cast<std::uint8_t>(1U << (data.rows % 8));
  data.nulls += valid ? 0 : 1;
  ++data.rows;
}

void ArrowScores::fail(std::string message) {
  errors_.emplace(data_->rows, std::move(message));
  data_->values.resize(static_cast<std::size_t>(data_->offsets.back()) + (flat_ ? 1 : 0));
  add(false);
}

nb::tuple ArrowScores::capsules() const {
  auto schema = std::make_unique<Owned<ArrowSchema>>();
  auto array = std::make_unique<Owned<ArrowArray>>();
  const auto rows = static_cast<std::size_t>(data_->rows);
  if (flat_) {
    export_schema(**schema, "f", "", false);
    export_array(**array, data_, rows, data_->nulls, data_->values.data(), false);
  } else {
    export_schema(export_schema(**schema, "+l", "", true)->child, "f", "item", false);
    ArrayParts* const parts = export_array(**array, data_, rows, data_->nulls, data_->offsets.data(), true);
    export_array(parts->child, data_, data_->values.size(), 0, data_->values.data(), false);
  }
  return nb::make_tuple(capsule(std::move(schema), "arrow_schema"), capsule(std::move(array), "arrow_array"));
}

}  // namespace dinghy::python
