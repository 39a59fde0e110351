#include "dinghy/pair_memo.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "engine/kernels/order_of_sums.h"
#include "engine/left_out.h"
#include "engine/memory/owned.h"
#include "engine/network/feature_name.h"
#include "engine/scoring/integer_unit.h"
#include "engine/scoring/memo_data.h"

namespace dinghy {
namespace {

/// Whether an interest's pairs are worth keeping; a dot product is as soon computed as found.
bool has_unit(const network::Interest& interest) noexcept { return interest.score == format::Score::mlp; }

std::size_t units_of(const network::Model& model) noexcept {
  return static_cast<std::size_t>(std::count_if(model.interests.begin(), model.interests.end(), has_unit));
}

/// A pair's logit must follow from rows of tables.
Status check_interest(const network::Model& model, std::size_t index) noexcept {
  const network::Interest& interest = model.interests[index];
  if (interest.positions > 0) {
    return Status::error(Code::unsupported,
                         "interests[%zu]: its layers depend on a behaviour's position, so that no "
                         "logit is of two items alone: score without a memo",
                         index);
  }
  for (const network::Field& field : interest.fields) {
    if (field.is_id) continue;
    const network::FeatureName name = network::name_of(model, field.query_feature);
    return Status::error(Code::unsupported,
                         "interests[%zu]: feature '%.*s' is no single id, so that no row tells its "
                         "values apart: score without a memo",
                         index, name.size, name.text);
  }
  return Status();
}

/// How many values of a table a memo tells apart: a row that the file has, and that came with a call too, is two.
std::uint64_t marks_of(const network::Table& table) noexcept { return table.count + table.remote_rows; }

/// As many items as the largest table of the fields has rows, and one without a row.
std::uint64_t items_of(const network::Model& model, const network::Interest& interest) noexcept {
  std::uint64_t most = 0;
  for (const network::Field& field : interest.fields) {
    const network::Table& queries = *model.features[field.query_feature].table;
    const network::Table& keys = *network::key_table(model, interest, field);
    most = std::max(most, marks_of(queries) + (&keys == &queries ? 0 : marks_of(keys)));
  }
  return most + 1;
}

Status too_small(std::size_t bytes, std::uint64_t least, std::size_t units) noexcept {
  return Status::error(Code::invalid_argument, "bytes is %zu, a memo of this model takes at least %llu", bytes,
                       static_cast<unsigned long long>(least) * units);
}

/// Divides `bytes` among the interests with a unit.
Status plan_parts(PairMemo::Data& data, const PairMemoOptions& options) noexcept {
  const network::Model& model = data.network();
  if (!data.parts.allocate(model.interests.size())) return Status::error(Code::out_of_memory, "no memory for a memo");
  const std::size_t units = units_of(model);
  if (units == 0) return Status::error(Code::unsupported, "no interest has a local activation unit: nothing to keep");
  for (std::size_t i = 0; i < model.interests.size(); ++i) {
    const network::Interest& interest = model.interests[i];
    if (!has_unit(interest)) continue;
    if (Status status = check_interest(model, i); !status) return status;
    const auto fields = static_cast<std::uint32_t>(interest.fields.size());
    const std::uint64_t items = options.items > 0 ? options.items : items_of(model, interest);
    const auto sizes = memo::sizes_for(options.bytes / units, items, fields);
    if (!sizes) return too_small(options.bytes, memo::least_bytes(items, fields), units);
    data.parts[i].sizes = *sizes;
    data.parts[i].in_integers = scoring::in_integers(model.compute, data.kernels, options.integers, interest);
  }
  return Status();
}

}  // namespace

memo::Origin scoring::origin_of(const Model& model, const kernels::Selection& kernels) noexcept {
  memo::Origin origin{.model = model.id()};
  std::snprintf(origin.arithmetic, sizeof origin.arithmetic, "%s, sums %u, %s", kernels.name, kernels::kOrderOfSums,
                __VERSION__);
  return origin;
}

Status scoring::make_memo(const Model& model, const PairMemoOptions& options, Owned<PairMemo::Data>& data) noexcept {
  data.reset(make<PairMemo::Data>(model));
  if (data == nullptr) return Status::error(Code::out_of_memory, "no memory for a memo");
  if (Status status = kernels::select(options.isa, data->kernels); !status) return status;
  data->origin = origin_of(model, data->kernels);
  return Status();
}

Status scoring::allocate(PairMemo::Data& data) noexcept {
  Array<Slot<std::byte>> slots;
  bool ok = slots.allocate(data.parts.size());
  for (std::size_t i = 0; ok && i < slots.size(); ++i) {
    slots[i] = data.arena.reserve<std::byte>(data.parts[i].sizes.bytes());
  }
  if (!ok || !data.arena.allocate()) return Status::error(Code::out_of_memory, "no memory for a memo");
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (data.parts[i].sizes.bytes() > 0) data.parts[i].memory = data.arena.at(slots[i]);
  }
  return Status();
}

Result<PairMemo> PairMemo::create(const Model& model, const PairMemoOptions& options) noexcept {
  if (!kHasMemo) return Status::error(Code::unsupported, "this build of the engine is without memo");
  Owned<Data> data;
  if (Status status = scoring::make_memo(model, options, data); !status) return status;
  if (Status status = plan_parts(*data, options); !status) return status;
  if (Status status = scoring::allocate(*data); !status) return status;
  return PairMemo(data.release());
}

PairMemo::PairMemo(const PairMemo& other) noexcept : data_(other.data_) {
  data_->references.fetch_add(1, std::memory_order_relaxed);
}

PairMemo& PairMemo::operator=(PairMemo other) noexcept {
  std::swap(data_, other.data_);
  return *this;
}

PairMemo::~PairMemo() {
  if (data_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(data_);
}

PairMemo::Counters PairMemo::counters() const noexcept {
  Counters sum;
  for (const memo::Part& part : data_->parts) {
    if (part.memory == nullptr) continue;
    sum.found += part.found.load(std::memory_order_relaxed);
    sum.computed += part.computed.load(std::memory_order_relaxed);
    sum.kept += part.kept.load(std::memory_order_relaxed);
    sum.replaced += part.replaced.load(std::memory_order_relaxed);
    sum.items += part.numbers().size();
    sum.room += part.room();
  }
  return sum;
}

std::string_view PairMemo::arithmetic() const noexcept { return data_->origin.arithmetic; }

std::size_t PairMemo::bytes() const noexcept {
  return sizeof *data_ + data_->parts.bytes() + static_cast<std::size_t>(data_->arena.bytes());
}

}  // namespace dinghy
