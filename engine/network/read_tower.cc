// The parts of the tower and of MLPs, the MLPs, the tower, and the head.
#include <cstdio>

#include "engine/format/bounds.h"
#include "engine/network/history_sums.h"
#include "engine/network/read.h"
#include "engine/network/read_layers.h"
#include "schema/finite.h"

namespace dinghy::network {
namespace {

using format::count;
using format::Source;
using Parts = flatbuffers::Vector<flatbuffers::Offset<format::Part>>;

/// The vector that an operand is cut from; of width 0 when it does not exist. MLPs are those before `mlps`.
Operand whole(const Model& model, const format::Operand& from, std::uint32_t mlps) noexcept {
  switch (from.source()) {
    case Source::feature: {
      if (from.index() >= model.features.size()) return {};
      const Feature& f = model.features[from.index()];
      if (f.role == format::Role::history) return {};
      return {f.role == format::Role::candidate ? Row::candidate : Row::user, f.offset, f.width};
    }
    case Source::interest: {
      if (from.index() >= model.interests.size()) return {};
      const Interest& interest = model.interests[from.index()];
      return {Row::result, interest.result_offset, interest.result_width};
    }
    case Source::history_sum:
    case Source::history_mean: {
      if (from.index() >= model.features.size() || model.features[from.index()].sequence < 0) return {};
      return {Row::user, history_sum_offset(model, from), model.features[from.index()].width};
    }
    case Source::mlp: {
      if (from.index() >= mlps) return {};
      const Mlp& mlp = model.mlps[from.index()];
      return {mlp.of_user ? Row::user : Row::result, mlp.offset, mlp.result_width()};
    }
  }
  return {};
}

Status read_operand(const Model& model, const format::Operand& from, std::uint32_t mlps, const char* place,
                    Operand& operand) noexcept {
  const Operand source = whole(model, from, mlps);
  if (source.width == 0) return Status::error(Code::bad_file, "%s: its source does not exist", place);
  if (from.width() == 0 || from.begin() > source.width || from.width() > source.width - from.begin()) {
    return Status::error(Code::bad_file, "%s: begin and width reach outside its source", place);
  }
  if (from.pad_to() > format::kMaxWidth) return Status::error(Code::bad_file, "%s: pad_to is over 65536", place);
  operand = {source.row, source.offset + from.begin(), from.width()};
  return Status();
}

Status read_part(const Model& model, const format::Part& from, std::uint32_t mlps, const char* place,
                 Part& part) noexcept {
  if (Status status = read_operand(model, *from.operand(), mlps, place, part.operand); !status) return status;
  part.is_product = from.times() != nullptr;
  if (!part.is_product) return Status();
  if (Status status = read_operand(model, *from.times(), mlps, place, part.times); !status) return status;
  if (part.times.width == part.operand.width) return Status();
  return Status::error(Code::bad_file, "%s: a product of different widths", place);
}

/// Parts of the tower or an MLP, which may use the first `mlps` MLPs. `width` gets the numbers of all parts.
Status read_parts(const Model& model, const Parts& from, std::uint32_t mlps, const char* owner, Array<Part>& parts,
                  std::size_t& width) noexcept {
  if (from.size() > format::kMaxObjects) {
    return Status::error(Code::bad_file, "%s parts: more than %u", owner, format::kMaxObjects);
  }
  if (!parts.allocate(from.size())) return no_memory();
  width = 0;
  for (std::uint32_t i = 0; i < from.size(); ++i) {
    char place[128];
    std::snprintf(place, sizeof place, "%s parts[%u]", owner, i);
    if (Status status = read_part(model, *from.Get(i), mlps, place, parts[i]); !status) return status;
    width += parts[i].operand.width;
  }
  if (width == 0 || width > format::kMaxInput) {
    return Status::error(Code::bad_file, "%s parts: none, or wider than 262144 together", owner);
  }
  return Status();
}

bool is_of_user(const Part& part) noexcept {
  return part.operand.row == Row::user && (!part.is_product || part.times.row == Row::user);
}

Status read_mlp(Model& model, std::uint32_t i, LayerReader& layers) noexcept {
  const format::Mlp& from = *model.file.model().mlps()->Get(i);
  Mlp& mlp = model.mlps[i];
  char owner[96], place[112];
  std::snprintf(owner, sizeof owner, "mlps[%u] '%.48s'", i, from.name()->c_str());
  if (Status status = read_parts(model, *from.parts(), i, owner, mlp.parts, mlp.width); !status) return status;
  if (from.layers()->size() == 0) return Status::error(Code::bad_file, "%s: no layers", owner);
  std::snprintf(place, sizeof place, "%s layers", owner);
  if (Status s = layers.read(from.layers(), static_cast<std::uint32_t>(mlp.width), place, mlp.layers); !s) return s;
  mlp.of_user = true;
  for (const Part& part : mlp.parts) mlp.of_user = mlp.of_user && is_of_user(part);
  std::size_t& row = mlp.of_user ? model.user_width : model.result_width;
  mlp.offset = row;
  row += mlp.result_width();
  if (row <= format::kMaxInput) return Status();
  return Status::error(Code::bad_file, "%s: the row that its result goes into is wider than %u", owner,
                       format::kMaxInput);
}

Status read_tower_parts(Model& model) noexcept {
  Tower& tower = model.tower;
  if (Status status = read_parts(model, *model.file.model().tower()->parts(), count(model.file.model().mlps()), "tower",
                                 tower.parts, tower.width);
      !status) {
    return status;
  }
  for (const Part& part : tower.parts) {
    if (!is_of_user(part)) break;
    ++tower.user_parts;
    tower.user_width += part.operand.width;
  }
  return Status();
}

format::KeyType key_type(const Table& table) noexcept {
  return table.vocabulary == nullptr ? format::KeyType::int64 : table.vocabulary->key_type;
}

Status read_bias(const Model& model, const format::Bias& from, std::uint32_t i, Bias& bias) noexcept {
  if (from.feature() >= model.features.size() || from.table() >= model.tables.size()) {
    return Status::error(Code::bad_file, "head biases[%u]: a feature or table that does not exist", i);
  }
  const Feature& feature = model.features[from.feature()];
  if (feature.kind != format::FeatureKind::id || feature.role == format::Role::history) {
    return Status::error(Code::bad_file, "head biases[%u]: not an id of user, context or candidate", i);
  }
  bias = {from.feature(), &model.tables[from.table()]};
  if (key_type(*bias.table) != key_type(*feature.table)) {
    return Status::error(Code::bad_file, "head biases[%u]: its table takes other keys than its feature", i);
  }
  if (bias.table->is_remote()) return Status::error(Code::bad_file, "head biases[%u]: its table is remote", i);
  if (bias.table->width != 1) return Status::error(Code::bad_file, "head biases[%u]: its table is not 1 wide", i);
  return Status();
}

Status check_two_logits(const format::Head& head) noexcept {
  if (head.link() == format::Link::sigmoid && count(head.biases()) == 0 && head.scale() == 1 && head.shift() == 0) {
    return Status();
  }
  return Status::error(Code::bad_file, "head: two logits go through softmax alone");
}

Status read_head(Model& model) noexcept {
  const format::Head& from = *model.file.model().head();
  if (count(from.biases()) > format::kMaxObjects) return Status::error(Code::bad_file, "head biases: too many");
  const Layer& last = model.tower.layers[model.tower.layers.size() - 1];
  if (last.out != 1 && last.out != 2)
    return Status::error(Code::bad_file, "tower: the last layer gives %u logits, not 1 or 2", last.out);
  if (from.link() > format::Link::MAX || from.positive_class() >= last.out) {
    return Status::error(Code::bad_file, "head: unknown link, or no such positive_class");
  }
  if (!format::is_finite(from.scale()) || !format::is_finite(from.shift()) || !format::is_finite(from.offset())) {
    return Status::error(Code::bad_file, "head: scale, shift or offset is not finite");
  }
  if (last.activation.kind != kernels::ActivationKind::identity) {
    return Status::error(Code::bad_file, "tower: the logits have an activation; the head's link belongs there");
  }
  if (Status status = last.out == 2 ? check_two_logits(from) : Status(); !status) return status;
  Head& head = model.head;
  head.positive_class = from.positive_class();
  head.link = from.link();
  head.scale = from.scale();
  head.shift = from.shift();
  head.offset = from.offset();
  if (!head.biases.allocate(count(from.biases()))) return no_memory();
  for (std::uint32_t i = 0; i < head.biases.size(); ++i) {
    if (Status status = read_bias(model, *from.biases()->Get(i), i, head.biases[i]); !status) return status;
  }
  return Status();
}

}  // namespace

Status read_tower(Model& model, LayerReader& layers) noexcept {
  const format::Model& file = model.file.model();
  if (Status status = read_history_sums(model); !status) return status;
  if (!model.mlps.allocate(count(file.mlps()))) return no_memory();
  for (std::uint32_t i = 0; i < model.mlps.size(); ++i) {
    if (Status status = read_mlp(model, i, layers); !status) return status;
  }
  if (Status status = read_tower_parts(model); !status) return status;
  if (file.tower()->layers()->size() == 0) return Status::error(Code::bad_file, "tower: no layers");
  const auto width = static_cast<std::uint32_t>(model.tower.width);
  if (Status status = layers.read(file.tower()->layers(), width, "tower layers", model.tower.layers); !status) {
    return status;
  }
  return read_head(model);
}

}  // namespace dinghy::network
