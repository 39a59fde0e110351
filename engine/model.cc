#include "dinghy/model.h"

#include <cstdint>
#include <utility>

#include "engine/format/bounds.h"
#include "engine/kernels/float_environment.h"
#include "engine/memory/owned.h"
#include "engine/network/network.h"
#include "engine/network/prefetch.h"
#include "engine/network/read.h"

namespace dinghy {
namespace {

using ModelPointer = Owned<network::Model>;

/// The mapping is advised to be read here and there; what opening and every request read whole is asked for at once.
void advise(const network::Model& model) noexcept {
  model.file.for_each_segment(format::SegmentKind::dense,
                              [&](std::span<const std::byte> bytes) { model.mapping.will_be_needed(bytes); });
}

/// A model of the bytes that `fill` gives a mapping.
template <class Fill>
Status load(Fill fill, ModelPointer& model) noexcept {
  const kernels::FloatEnvironment floats;
  model.reset(make<network::Model>());
  if (model == nullptr) return Status::error(Code::out_of_memory, "no memory for a model");
  if (Status status = fill(model->mapping); !status) return status;
  if (Status status = model->file.read(model->mapping.bytes()); !status) return status;
  advise(*model);
  return network::read_network(*model);
}

}  // namespace

Result<Model> Model::open(const char* path) noexcept {
  ModelPointer model;
  const auto map = [=](platform::MappedFile& file) noexcept { return file.map(path); };
  if (Status status = load(map, model); !status) return status;
  return Model(model.release());
}

Result<Model> Model::read(const char* path) noexcept {
  ModelPointer model;
  const auto copy = [=](platform::MappedFile& file) noexcept { return file.copy(path); };
  if (Status status = load(copy, model); !status) return status;
  return Model(model.release());
}

Result<Model> Model::open(int descriptor, std::uint64_t offset, std::uint64_t size) noexcept {
  if (offset % alignof(float) != 0) {
    return Status::error(Code::invalid_argument, "offset %llu is not a multiple of 4",
                         static_cast<unsigned long long>(offset));
  }
  ModelPointer model;
  const auto map = [=](platform::MappedFile& file) noexcept { return file.map(descriptor, offset, size); };
  if (Status status = load(map, model); !status) return status;
  return Model(model.release());
}

Result<Model> Model::from_memory(std::span<const std::byte> bytes, MemoryOwner owner) noexcept {
  const auto borrow = [=](platform::MappedFile& file) noexcept {
    file.borrow(bytes, owner);
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0) return Status();
    return Status::error(Code::invalid_argument, "the memory of a model must be aligned to 4 bytes");
  };
  ModelPointer model;
  if (Status status = load(borrow, model); !status) {
    if (model == nullptr && owner.release != nullptr) owner.release(owner.context);  // it was never borrowed
    return status;
  }
  return Model(model.release());
}

Model::Model(const Model& other) noexcept : model_(other.model_) {
  model_->references.fetch_add(1, std::memory_order_relaxed);
}

Model& Model::operator=(Model other) noexcept {
  std::swap(model_, other.model_);
  return *this;
}

Model::~Model() {
  // acq_rel: the last handle must see everything that other threads did with the model before it goes.
  if (model_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(model_);
}

std::string_view Model::name() const noexcept { return format::text(model_->file.model().name()); }
std::string_view Model::version() const noexcept { return format::text(model_->file.model().version()); }

std::span<const Feature> Model::features() const noexcept { return model_->public_features.span(); }

std::optional<std::uint32_t> Model::feature(std::string_view name) const noexcept {
  for (std::uint32_t f = 0; f < model_->public_features.size(); ++f) {
    if (model_->public_features[f].name == name) return f;
  }
  return std::nullopt;
}

std::size_t Model::interests() const noexcept { return model_->interests.size(); }

std::size_t Model::trained_history() const noexcept {
  std::size_t longest = 0;
  for (const network::Sequence& sequence : model_->sequences) {
    if (sequence.max_length == 0) return 0;
    if (sequence.max_length > longest) longest = sequence.max_length;
  }
  return longest;
}

std::uint64_t Model::missing_ids(std::uint32_t feature) const noexcept {
  return feature < model_->features.size() ? model_->features[feature].missing_ids.load(std::memory_order_relaxed) : 0;
}

Status Model::verify() const noexcept { return model_->file.verify(model_->mapping); }

Status Model::prefetch(Columns columns) const noexcept { return network::prefetch(*model_, columns); }
Status Model::pin(Columns columns) const noexcept { return network::pin(*model_, columns); }

std::span<const std::byte> Model::file() const noexcept { return model_->file.bytes(); }
std::span<const std::byte> Model::metadata() const noexcept { return model_->file.metadata(); }

}  // namespace dinghy
