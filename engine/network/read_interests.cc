// Interests: their fields, layers and knobs, and the places of features in the behaviour rows.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "engine/format/bounds.h"
#include "engine/network/coarse_fields.h"
#include "engine/network/read.h"
#include "engine/network/read_layers.h"
#include "schema/finite.h"

namespace dinghy::network {
namespace {

using format::count;

/// Gives features their places in the behaviour rows: in the order in which the interests' fields name them, so that
/// the keys of an interest are one piece of the row, as a rule, and need no copy.
class BehaviorRows {
 public:
  explicit BehaviorRows(Model& model) noexcept : model_(model) {}

  bool allocate() noexcept {
    return used_.allocate(model_.sequences.size()) && placed_.allocate(model_.features.size());
  }
  void place(std::uint32_t f) noexcept {
    if (placed_[f]) return;
    placed_[f] = true;
    Feature& feature = model_.features[f];
    const auto s = static_cast<std::size_t>(feature.sequence);
    Sequence& sequence = model_.sequences[s];
    feature.history_offset = sequence.width;
    feature.column = used_[s];
    sequence.features[used_[s]++] = f;
    sequence.width += feature.width;
  }
  void place_the_rest() noexcept {
    for (std::uint32_t f = 0; f < model_.features.size(); ++f) {
      if (model_.features[f].sequence >= 0) place(f);
    }
    for (Sequence& sequence : model_.sequences) sequence.stride = padded(sequence.width);
  }

 private:
  Model& model_;
  Array<std::uint32_t> used_;  // per sequence
  Array<bool> placed_;         // per feature
};

Status check_field(const Model& model, const format::Interest& from, std::uint32_t i, const char* name) noexcept {
  const format::Field& field = *from.fields()->Get(i);
  if (field.query() >= model.features.size() || field.key() >= model.features.size()) {
    return Status::error(Code::bad_file, "%s fields[%u]: a feature that does not exist", name, i);
  }
  if (model.features[field.query()].role != format::Role::candidate) {
    return Status::error(Code::bad_file, "%s fields[%u]: the query is not a candidate feature", name, i);
  }
  if (model.features[field.key()].sequence != static_cast<int>(from.sequence())) {
    return Status::error(Code::bad_file, "%s fields[%u]: the key is not a column of its sequence", name, i);
  }
  return Status();
}

/// Appends a piece, or lengthens the last one that ends where it begins.
void append(Array<Piece>& pieces, std::size_t& used, Piece piece) noexcept {
  if (used > 0 && pieces[used - 1].offset + pieces[used - 1].width == piece.offset) {
    pieces[used - 1].width += piece.width;
  } else {
    pieces[used++] = piece;
  }
}

Status read_fields(const Model& model, const format::Interest& from, const char* name, BehaviorRows& rows,
                   Interest& interest) noexcept {
  const std::uint32_t fields = from.fields()->size();
  if (fields == 0 || fields > format::kMaxObjects) {
    return Status::error(Code::bad_file, "%s: no fields, or too many", name);
  }
  if (!interest.fields.allocate(fields) || !interest.keys.allocate(fields) || !interest.query.allocate(fields)) {
    return no_memory();
  }
  std::size_t keys = 0, query = 0;
  interest.query_by_field = count(from.query_layers()) == 0;
  for (std::uint32_t i = 0; i < fields; ++i) {
    if (Status status = check_field(model, from, i, name); !status) return status;
    const format::Field& field = *from.fields()->Get(i);
    rows.place(field.key());
    const Feature &q = model.features[field.query()], &k = model.features[field.key()];
    interest.query_by_field = interest.query_by_field && interest.query_width == interest.width;
    interest.fields[i] = {.query_feature = field.query(),
                          .key_column = k.column,
                          .begin = static_cast<std::uint32_t>(interest.width),
                          .width = k.width,
                          .is_id = q.kind == format::FeatureKind::id && k.kind == format::FeatureKind::id};
    append(interest.keys, keys, {k.history_offset, k.width});
    append(interest.query, query, {q.offset, q.width});
    interest.width += k.width;
    interest.query_width += q.width;
    if (std::max(interest.width, interest.query_width) > format::kMaxWidth) {
      return Status::error(Code::bad_file, "%s: q or k is wider than 65536", name);
    }
  }
  interest.keys.shrink(keys);
  interest.query.shrink(query);
  interest.stride = padded(interest.width);
  return Status();
}

Status read_knobs(const format::Interest& from, const char* name, Interest& interest) noexcept {
  if (from.score() > format::Score::MAX || from.normalizer() > format::Normalizer::MAX ||
      from.pooling() > format::Pooling::MAX || from.pads() > format::Pads::MAX ||
      from.empty() > format::EmptyHistory::MAX) {
    return Status::error(Code::bad_file, "%s: unknown score, normalizer, pooling, pads or empty", name);
  }
  if (!format::is_finite(from.scale())) return Status::error(Code::bad_file, "%s: scale is not finite", name);
  if (from.pad_to() > format::kMaxWidth) return Status::error(Code::bad_file, "%s: pad_to is over 65536", name);
  interest.score = from.score();
  interest.scale = from.scale();
  interest.normalizer = from.normalizer();
  interest.pooling = from.pooling();
  interest.pads = from.pads();
  interest.pad_to = from.pad_to();
  interest.empty = from.empty();
  return Status();
}

/// A history of any length has to find its positions, and the padding the rest of them.
Status check_positions(const Sequence& sequence, const Interest& interest, const char* name) noexcept {
  if (interest.positions == 0) return Status();
  if (interest.by_position[interest.layers.size() - 1]) {
    return Status::error(Code::bad_file, "%s: the logit has an activation by position", name);
  }
  if (sequence.max_length == 0 || sequence.max_length > interest.positions) {
    return Status::error(Code::bad_file, "%s: %u positions, but histories of %u", name, interest.positions,
                         sequence.max_length);
  }
  if (interest.pads != format::Pads::excluded && interest.pad_to != interest.positions) {
    return Status::error(Code::bad_file, "%s: %u positions, but pad_to is %u", name, interest.positions,
                         interest.pad_to);
  }
  return Status();
}

/// q and its layers, and the local activation unit.
Status read_unit(const Model& model, const format::Interest& from, const char* name, LayerReader& layers,
                 Interest& interest) noexcept {
  const auto keys = static_cast<std::uint32_t>(interest.width);
  const auto query = static_cast<std::uint32_t>(interest.query_width);
  char place[112];
  std::snprintf(place, sizeof place, "%s query_layers", name);
  if (Status s = layers.read(from.query_layers(), query, place, interest.query_layers); !s) return s;
  const std::uint32_t width = result_width(interest.query_layers, query);
  if (interest.query_layers.empty() ? width > keys : width != keys) {
    return Status::error(Code::bad_file, "%s: q has %u numbers, k has %u", name, width, keys);
  }
  const bool is_dot = from.score() == format::Score::dot;
  if (is_dot != (count(from.layers()) == 0)) {
    return Status::error(Code::bad_file, is_dot ? "%s: has layers, but its score is a dot product" : "%s: no layers",
                         name);
  }
  std::snprintf(place, sizeof place, "%s layers", name);
  Positions positions;
  if (Status s = layers.read(from.layers(), 4 * keys, place, interest.layers, &positions); !s) return s;
  interest.positions = positions.count;
  std::swap(interest.by_position, positions.by_layer);
  if (Status s = check_positions(model.sequences[interest.sequence], interest, place); !s) return s;
  const std::uint32_t logits = result_width(interest.layers, 1);
  if (logits != 1) return Status::error(Code::bad_file, "%s: the last layer gives %u numbers, not one", place, logits);
  return Status();
}

/// Its place in the row of results.
void place_result(Model& model, Interest& interest) noexcept {
  interest.result_width = result_width(interest.post_layers, static_cast<std::uint32_t>(interest.width));
  interest.result_offset = model.result_width;
  model.result_width += interest.result_width;
}

Status read_interest(Model& model, const format::Interest& from, const char* name, LayerReader& layers,
                     BehaviorRows& rows, Interest& interest) noexcept {
  if (from.sequence() >= model.sequences.size()) {
    return Status::error(Code::bad_file, "%s: sequence %u does not exist", name, from.sequence());
  }
  interest.sequence = from.sequence();
  if (Status status = read_fields(model, from, name, rows, interest); !status) return status;
  if (Status status = read_knobs(from, name, interest); !status) return status;
  if (Status status = read_unit(model, from, name, layers, interest); !status) return status;
  char place[112];
  std::snprintf(place, sizeof place, "%s post_layers", name);
  const auto width = static_cast<std::uint32_t>(interest.width);
  if (Status status = layers.read(from.post_layers(), width, place, interest.post_layers); !status) return status;
  place_result(model, interest);
  return group_fields(model, interest) ? Status() : no_memory();
}

/// The widest q, k or layer of q.
std::uint64_t widest_row(const Interest& interest) noexcept {
  std::uint64_t widest = std::max(interest.query_width, interest.width);
  for (const Layer& layer : interest.query_layers) widest = std::max<std::uint64_t>(widest, layer.out);
  return widest;
}

}  // namespace

Status read_interests(Model& model, LayerReader& layers) noexcept {
  const auto* const interests = model.file.model().interests();
  BehaviorRows rows(model);
  if (!model.interests.allocate(count(interests)) || !rows.allocate()) return no_memory();
  std::uint64_t widest = 0;
  for (std::uint32_t i = 0; i < count(interests); ++i) {
    const format::Interest& from = *interests->Get(i);
    char name[96];
    std::snprintf(name, sizeof name, "interests[%u] '%.48s'", i, from.name()->c_str());
    if (Status status = read_interest(model, from, name, layers, rows, model.interests[i]); !status) return status;
    // A scorer keeps rows of the widest interest for each of them.
    widest = std::max(widest, widest_row(model.interests[i]));
    if (widest * count(interests) > format::kMaxInput) {
      return Status::error(Code::bad_file, "interests: their count times the widest of them is over %u",
                           format::kMaxInput);
    }
    if (model.result_width > format::kMaxInput) {
      return Status::error(Code::bad_file, "interests: their results are wider than %u together", format::kMaxInput);
    }
  }
  rows.place_the_rest();
  return Status();
}

}  // namespace dinghy::network
