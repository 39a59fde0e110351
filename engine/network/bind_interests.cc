#include <algorithm>

#include "engine/format/verify.h"
#include "engine/network/bind_steps.h"
#include "engine/network/fold.h"
#include "engine/network/integer_layers.h"

namespace dinghy::network {
namespace {

using format::count;

/// Appends a piece, or lengthens the last one that ends where it begins.
void append_piece(Array<Piece>& pieces, std::size_t& used, Piece piece) noexcept {
  if (used > 0 && pieces[used - 1].offset + pieces[used - 1].width == piece.offset) {
    pieces[used - 1].width += piece.width;
  } else {
    pieces[used++] = piece;
  }
}

template <class PieceOf>
bool bind_pieces(const format::Interest& interest, Array<Piece>& pieces, std::size_t& width,
                 PieceOf piece_of) noexcept {
  Array<Piece> all;
  if (!all.allocate(interest.fields()->size())) return false;
  std::size_t used = 0;
  width = 0;
  for (const format::Field* field : *interest.fields()) {
    const Piece piece = piece_of(*field);
    append_piece(all, used, piece);
    width += piece.width;
  }
  if (!pieces.allocate(used)) return false;
  std::copy_n(all.begin(), used, pieces.begin());
  return true;
}

bool bind_fields(const Model& model, const format::Interest& from, Interest& interest) noexcept {
  if (!interest.fields.allocate(from.fields()->size())) return false;
  const Sequence& sequence = model.sequences[from.sequence()];
  std::size_t begin = 0, query_begin = 0;
  interest.query_by_field = count(from.query_layers()) == 0;
  for (std::size_t i = 0; i < interest.fields.size(); ++i) {
    const format::Field& field = *from.fields()->Get(static_cast<flatbuffers::uoffset_t>(i));
    const Feature& query = model.features[field.query()];
    const Feature& key = model.features[field.key()];
    const auto column = std::find(sequence.features.begin(), sequence.features.end(), field.key());
    const bool is_id = query.kind == format::FeatureKind::id && key.kind == format::FeatureKind::id;
    interest.fields[i] = {.query_feature = field.query(),
                          .key_column = static_cast<std::uint32_t>(column - sequence.features.begin()),
                          .begin = begin,
                          .width = key.width,
                          .is_id = is_id};
    interest.query_by_field = interest.query_by_field && query_begin == begin;
    begin += key.width;
    query_begin += query.width;
  }
  return true;
}

bool bind_positions(const format::Interest& from, Interest& interest) noexcept {
  if (!interest.by_position.allocate(interest.layers.size())) return false;
  for (std::size_t l = 0; l < interest.layers.size(); ++l) {
    const format::Activation* const a = from.layers()->Get(static_cast<flatbuffers::uoffset_t>(l))->activation();
    interest.by_position[l] = a != nullptr && a->kind() == format::ActivationKind::prelu_position;
    if (interest.by_position[l]) interest.positions = a->alpha()->rows();
  }
  return true;
}

bool bind_interest(Model& model, const format::Interest& from, OwnedFloats& owned, Interest& interest) noexcept {
  const auto key = [&](const format::Field& f) {
    return Piece{model.features[f.key()].history_offset, model.features[f.key()].width};
  };
  const auto query = [&](const format::Field& f) {
    return Piece{model.features[f.query()].offset, model.features[f.query()].width};
  };
  if (!bind_fields(model, from, interest)) return false;
  if (!bind_pieces(from, interest.keys, interest.width, key)) return false;
  if (!bind_pieces(from, interest.query, interest.query_width, query)) return false;
  interest.stride = padded(interest.width);
  interest.sequence = from.sequence();
  interest.score = from.score();
  interest.scale = from.scale();
  interest.normalizer = from.normalizer();
  interest.pooling = from.pooling();
  interest.pads = from.pads();
  interest.pad_to = from.pad_to();
  interest.empty = from.empty();
  if (!bind_layers(model.file, from.query_layers(), owned, interest.query_layers)) return false;
  if (!bind_layers(model.file, from.post_layers(), owned, interest.post_layers)) return false;
  const std::size_t post = interest.post_layers.size();
  interest.result_width = post == 0 ? interest.width : interest.post_layers[post - 1].out;
  interest.result_offset = model.result_width;
  model.result_width += interest.result_width;
  if (from.score() == format::Score::dot) return true;
  if (!bind_layers(model.file, from.layers(), owned, interest.layers)) return false;
  if (!bind_positions(from, interest)) return false;
  fold_first_layer(interest.layers[0], interest.width, owned, interest);
  if (!split_output(interest.layers, 0, owned, interest.hidden, interest.output)) return false;
  return model.compute == format::Compute::f32 || make_integer_layers(model.digits(), interest);
}

}  // namespace

bool bind_interests(Model& model, OwnedFloats& owned) noexcept {
  const auto* const interests = model.file.model->interests();
  if (!model.interests.allocate(count(interests))) return false;
  for (std::size_t i = 0; i < model.interests.size(); ++i) {
    const format::Interest& from = *interests->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (!bind_interest(model, from, owned, model.interests[i])) return false;
  }
  return true;
}

}  // namespace dinghy::network
