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
    return {Row::result, model.interests[from.index()].result_offset + from.begin(), from.width()};
  }
  if (from.source() == format::Source::mlp) {
    const Mlp& mlp = model.mlps[from.index()];
    return {mlp.of_user ? Row::user : Row::result, mlp.offset + from.begin(), from.width()};
  }
  const Feature& feature = model.features[from.index()];
  const Row row = feature.role == format::Role::candidate ? Row::candidate : Row::user;
  return {row, feature.offset + from.begin(), from.width()};
}

using Parts = flatbuffers::Vector<flatbuffers::Offset<format::Part>>;

std::size_t count_history_sums(const Parts& parts) noexcept {
  std::size_t sums = 0;
  for (const format::Part* part : parts) sums += is_history_sum(part->operand()) + is_history_sum(part->times());
  return sums;
}

bool bind_parts(Model& model, const Parts& from, std::size_t& sums, Array<Part>& parts) noexcept {
  if (!parts.allocate(from.size())) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const format::Part& part = *from.Get(static_cast<flatbuffers::uoffset_t>(i));
    parts[i].operand = bind_operand(model, sums, *part.operand());
    parts[i].is_product = part.times() != nullptr;
    if (parts[i].is_product) parts[i].times = bind_operand(model, sums, *part.times());
  }
  return true;
}

bool is_of_user(const Part& part) noexcept {
  return part.operand.row == Row::user && (!part.is_product || part.times.row == Row::user);
}

bool bind_mlps(Model& model, const OwnedFloats& owned, std::size_t& sums) noexcept {
  const auto* const mlps = model.file.model->mlps();
  if (!model.mlps.allocate(count(mlps))) return false;
  for (std::size_t i = 0; i < model.mlps.size(); ++i) {
    const format::Mlp& from = *mlps->Get(static_cast<flatbuffers::uoffset_t>(i));
    Mlp& mlp = model.mlps[i];
    if (!bind_parts(model, *from.parts(), sums, mlp.parts)) return false;
    if (!bind_layers(model.file, from.layers(), owned, mlp.layers)) return false;
    mlp.of_user = true;
    for (const Part& part : mlp.parts) {
      mlp.width += part.operand.width;
      mlp.of_user = mlp.of_user && is_of_user(part);
    }
    std::size_t& row = mlp.of_user ? model.user_width : model.result_width;
    mlp.offset = row;
    row += mlp.result_width();
  }
  return true;
}

bool bind_tower_parts(Model& model, std::size_t& sums) noexcept {
  Tower& tower = model.tower;
  if (!bind_parts(model, *model.file.model->tower()->parts(), sums, tower.parts)) return false;
  bool only_user = true;
  for (std::size_t i = 0; i < tower.parts.size(); ++i) {
    const Part& part = tower.parts[i];
    only_user = only_user && is_of_user(part);
    if (only_user) {
      tower.user_parts = i + 1;
      tower.user_width += part.operand.width;
    }
    tower.width += part.operand.width;
  }
  return true;
}

/// All parts of the network, with the sums over the history that they name.
bool bind_all_parts(Model& model, const OwnedFloats& owned) noexcept {
  const format::Model& file = *model.file.model;
  std::size_t most = count_history_sums(*file.tower()->parts()), used = 0;
  for (std::uint32_t i = 0; i < count(file.mlps()); ++i) most += count_history_sums(*file.mlps()->Get(i)->parts());
  if (!model.history_sums.allocate(most)) return false;
  if (!bind_mlps(model, owned, used) || !bind_tower_parts(model, used)) return false;
  model.history_sums.shrink(used);
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
  return bind_all_parts(model, owned) &&
         bind_layers(model.file, model.file.model->tower()->layers(), owned, model.tower.layers) &&
         split_output(model.tower.layers, model.file.model->head()->positive_class(), owned, model.tower.hidden,
                      model.tower.output) &&
         bind_head(model);
}

}  // namespace dinghy::network
