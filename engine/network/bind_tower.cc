#include "engine/format/verify.h"
#include "engine/network/bind_steps.h"

namespace dinghy::network {
namespace {

using format::count;

bool is_history_sum(const format::Operand* operand) noexcept {
  return operand != nullptr &&
         (operand->source() == format::Source::history_sum || operand->source() == format::Source::history_mean);
}

/// The user row's place of a sum over the history: one for each feature, kind and padding.
std::size_t place_history_sum(Model& model, std::size_t& used, const format::Operand& from) noexcept {
  const HistorySum sum{from.index(), from.source() == format::Source::history_mean, from.pad_to(), model.user_width};
  for (std::size_t i = 0; i < used; ++i) {
    const HistorySum& other = model.history_sums[i];
    if (other.feature == sum.feature && other.mean == sum.mean && other.pad_to == sum.pad_to) return other.offset;
  }
  model.history_sums[used++] = sum;
  model.user_width += model.features[from.index()].width;
  return sum.offset;
}

Operand bind_operand(Model& model, std::size_t& sums, const format::Operand& from) noexcept {
  if (is_history_sum(&from)) return {Row::user, place_history_sum(model, sums, from) + from.begin(), from.width()};
  if (from.source() == format::Source::interest) {
    return {Row::interest, model.interests[from.index()].result_offset + from.begin(), from.width()};
  }
  const Feature& feature = model.features[from.index()];
  const Row row = feature.role == format::Role::candidate ? Row::candidate : Row::user;
  return {row, feature.offset + from.begin(), from.width()};
}

bool bind_parts(Model& model) noexcept {
  const auto& parts = *model.file.model->tower()->parts();
  std::size_t sums = 0;
  for (const format::Part* part : parts) sums += is_history_sum(part->operand()) + is_history_sum(part->times());
  Array<HistorySum>& all = model.history_sums;
  if (!model.tower.parts.allocate(parts.size()) || !all.allocate(sums)) return false;
  std::size_t used = 0;
  bool only_user = true;
  for (std::size_t i = 0; i < model.tower.parts.size(); ++i) {
    const format::Part& from = *parts.Get(static_cast<flatbuffers::uoffset_t>(i));
    Part& part = model.tower.parts[i];
    part.operand = bind_operand(model, used, *from.operand());
    part.is_product = from.times() != nullptr;
    if (part.is_product) part.times = bind_operand(model, used, *from.times());
    only_user = only_user && part.operand.row == Row::user && (!part.is_product || part.times.row == Row::user);
    if (only_user) {
      model.tower.user_parts = i + 1;
      model.tower.user_width += part.operand.width;
    }
    model.tower.width += part.operand.width;
  }
  all.shrink(used);
  return true;
}

bool bind_head(Model& model) noexcept {
  const format::Head& from = *model.file.model->head();
  model.head.positive_class = from.positive_class();
  model.head.link = from.link();
  model.head.scale = from.scale();
  model.head.shift = from.shift();
  model.head.offset = from.offset();
  if (!model.head.biases.allocate(count(from.biases()))) return false;
  for (std::size_t i = 0; i < model.head.biases.size(); ++i) {
    const format::Bias& bias = *from.biases()->Get(static_cast<flatbuffers::uoffset_t>(i));
    model.head.biases[i] = {bias.feature(), &model.tables[bias.table()]};
  }
  return true;
}

}  // namespace

bool bind_tower(Model& model, OwnedFloats& owned) noexcept {
  return bind_parts(model) && bind_layers(model.file, model.file.model->tower()->layers(), owned, model.tower.layers) &&
         split_output(model.tower.layers, model.file.model->head()->positive_class(), owned, model.tower.hidden,
                      model.tower.output) &&
         bind_head(model);
}

}  // namespace dinghy::network
