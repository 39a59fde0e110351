#include "engine/network/history_sums.h"

#include <algorithm>
#include <tuple>

#include "engine/format/bounds.h"
#include "engine/network/read.h"

namespace dinghy::network {
namespace {

using Parts = flatbuffers::Vector<flatbuffers::Offset<format::Part>>;

HistorySum sum_of(const format::Operand& operand) noexcept {
  return {.feature = operand.index(),
          .mean = operand.source() == format::Source::history_mean,
          .pad_to = operand.pad_to(),
          .offset = 0};
}

auto key(const HistorySum& sum) noexcept { return std::tuple(sum.feature, sum.mean, sum.pad_to); }
bool before(const HistorySum& a, const HistorySum& b) noexcept { return key(a) < key(b); }
bool same(const HistorySum& a, const HistorySum& b) noexcept { return key(a) == key(b); }

/// Calls use(sum) for each operand of some parts that is a sum over a history.
template <class Use>
void for_each_sum(const Model& model, const Parts& parts, Use use) noexcept {
  for (const format::Part* part : parts) {
    for (const format::Operand* operand : {part->operand(), part->times()}) {
      if (operand == nullptr || !is_history_sum(*operand)) continue;
      if (operand->index() < model.features.size() && model.features[operand->index()].sequence >= 0) {
        use(sum_of(*operand));
      }
    }
  }
}

template <class Use>
void for_each_sum(const Model& model, Use use) noexcept {
  const format::Model& file = model.file.model();
  for (std::uint32_t i = 0; i < format::count(file.mlps()); ++i)
    for_each_sum(model, *file.mlps()->Get(i)->parts(), use);
  for_each_sum(model, *file.tower()->parts(), use);
}

}  // namespace

bool is_history_sum(const format::Operand& operand) noexcept {
  return operand.source() == format::Source::history_sum || operand.source() == format::Source::history_mean;
}

Status read_history_sums(Model& model) noexcept {
  std::size_t count = 0;
  for_each_sum(model, [&](const HistorySum&) { ++count; });
  Array<HistorySum>& sums = model.history_sums;
  if (!sums.allocate(count)) return no_memory();
  HistorySum* next = sums.begin();
  for_each_sum(model, [&](const HistorySum& sum) { *next++ = sum; });
  std::sort(sums.begin(), sums.end(), before);
  sums.shrink(static_cast<std::size_t>(std::unique(sums.begin(), sums.end(), same) - sums.begin()));
  for (HistorySum& sum : sums) {
    sum.offset = model.user_width;
    model.user_width += model.features[sum.feature].width;
    if (model.user_width > format::kMaxInput) {
      return Status::error(Code::bad_file, "the user's features and sums over the history are wider than %u together",
                           format::kMaxInput);
    }
  }
  return Status();
}

std::size_t history_sum_offset(const Model& model, const format::Operand& operand) noexcept {
  return std::lower_bound(model.history_sums.begin(), model.history_sums.end(), sum_of(operand), before)->offset;
}

}  // namespace dinghy::network
