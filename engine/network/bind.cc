#include <algorithm>

#include "engine/format/verify.h"
#include "engine/network/bind_layers.h"
#include "engine/network/fold.h"
#include "engine/network/network.h"

namespace dinghy::network {
namespace {

using format::count;

Status no_memory() noexcept { return Status::error(Code::out_of_memory, "no memory for the network's description"); }

bool bind_vocabularies(Model& model) noexcept {
  const auto* const vocabularies = model.file.model->vocabularies();
  if (!model.vocabularies.allocate(count(vocabularies))) return false;
  for (std::size_t i = 0; i < model.vocabularies.size(); ++i) {
    const format::Vocabulary& v = *vocabularies->Get(static_cast<flatbuffers::uoffset_t>(i));
    const std::byte* const segment = model.file.segment(v.segment()).data();
    const bool strings = v.key_type() == format::KeyType::string;
    model.vocabularies[i] = {v.key_type(),   segment + v.offset(),
                             v.capacity(),   v.max_probes(),
                             strings ? segment + v.strings_offset() : nullptr, strings ? v.strings_size() : 0};
  }
  return true;
}

bool bind_tables(Model& model) noexcept {
  const auto& tables = *model.file.model->tables();
  if (!model.tables.allocate(tables.size())) return false;
  for (std::size_t i = 0; i < model.tables.size(); ++i) {
    const format::EmbeddingTable& t = *tables.Get(static_cast<flatbuffers::uoffset_t>(i));
    model.tables[i] = {model.file.segment(t.segment()).data() + t.offset(),
                       t.rows(),
                       t.width(),
                       t.row_stride(),
                       t.first_id(),
                       t.vocabulary() < 0 ? nullptr : &model.vocabularies[static_cast<std::size_t>(t.vocabulary())],
                       t.missing(),
                       t.missing_row()};
  }
  return true;
}

const Table* table_of(const Model& model, int index) noexcept {
  return index < 0 ? nullptr : &model.tables[static_cast<std::size_t>(index)];
}

bool bind_features(Model& model, const OwnedFloats& owned) noexcept {
  const auto& features = *model.file.model->features();
  if (!model.features.allocate(features.size()) || !model.public_features.allocate(features.size())) return false;
  for (std::size_t i = 0; i < model.features.size(); ++i) {
    const format::Feature& f = *features.Get(static_cast<flatbuffers::uoffset_t>(i));
    Feature& bound = model.features[i];
    bound.role = f.role();
    bound.kind = f.kind();
    bound.width = f.width();
    bound.sequence = f.sequence();
    bound.pooling = f.pooling();
    bound.dense_width = f.dense_width();
    bound.pad_row = f.pad_row();
    bound.pad_id = f.pad_id();
    if (f.kind() != format::FeatureKind::dense) {
      bound.table = f.role() == format::Role::history ? nullptr : table_of(model, f.table());
      bound.history_table = f.sequence() < 0 ? nullptr : table_of(model, f.history_table());
    } else if (f.projection() != nullptr) {
      bound.projected = true;
      bound.projection = bind_layer(model.file, *f.projection(), owned);
    }
    std::size_t& row = f.role() == format::Role::candidate ? model.candidate_width : model.user_width;
    if (f.role() != format::Role::history) {
      bound.offset = row;
      row += f.width();
    }
    const Table* const ids = bound.table != nullptr ? bound.table : bound.history_table;
    model.public_features[i] = {
        {f.name()->c_str(), f.name()->size()},
        static_cast<dinghy::Role>(f.role()),
        f.sequence() >= 0,
        static_cast<dinghy::FeatureKind>(f.kind()),
        f.dense_width(),
        ids != nullptr && ids->vocabulary != nullptr && ids->vocabulary->key_type == format::KeyType::string};
  }
  return true;
}

/// Puts `feature` behind what the behaviour row has, unless it is there.
void place(Model& model, Sequence& sequence, std::size_t& used, std::uint32_t feature) noexcept {
  const auto end = sequence.features.begin() + used;
  if (std::find(sequence.features.begin(), end, feature) != end) return;
  model.features[feature].history_offset = sequence.width;
  sequence.features[used++] = feature;
  sequence.width += model.features[feature].width;
}

/// The columns of a behaviour row stand in the order of the interests' fields, so that the keys of an interest are one
/// piece of the row, as a rule, and need no copy.
bool bind_sequences(Model& model) noexcept {
  const auto* const sequences = model.file.model->sequences();
  if (!model.sequences.allocate(count(sequences))) return false;
  for (std::size_t s = 0; s < model.sequences.size(); ++s) {
    const format::Sequence& from = *sequences->Get(static_cast<flatbuffers::uoffset_t>(s));
    Sequence& sequence = model.sequences[s];
    sequence.max_length = from.max_length();
    sequence.keep = from.keep();
    sequence.mask = from.mask();
    const auto belongs = [&](const Feature& f) { return f.sequence == static_cast<int>(s); };
    const auto columns = std::count_if(model.features.begin(), model.features.end(), belongs);
    if (!sequence.features.allocate(static_cast<std::size_t>(columns))) return false;
    std::size_t used = 0;
    for (std::uint32_t i = 0; i < count(model.file.model->interests()); ++i) {
      const format::Interest& interest = *model.file.model->interests()->Get(i);
      if (interest.sequence() != s) continue;
      for (const format::Field* field : *interest.fields()) place(model, sequence, used, field->key());
    }
    for (std::uint32_t f = 0; f < model.features.size(); ++f) {
      if (belongs(model.features[f])) place(model, sequence, used, f);
    }
    sequence.stride = padded(sequence.width);
    for (const std::uint32_t f : sequence.features) {
      sequence.ids_only = sequence.ids_only && model.features[f].kind == format::FeatureKind::id;
    }
  }
  return true;
}

/// Appends a piece, or lengthens the last one that ends where it begins.
void append_piece(Array<Piece>& pieces, std::size_t& used, Piece piece) noexcept {
  if (used > 0 && pieces[used - 1].offset + pieces[used - 1].width == piece.offset) {
    pieces[used - 1].width += piece.width;
  } else {
    pieces[used++] = piece;
  }
}

template <class PieceOf>
bool bind_pieces(const format::Interest& interest, Array<Piece>& pieces, std::size_t& width, PieceOf piece_of) noexcept {
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
  std::size_t begin = 0;
  for (std::size_t i = 0; i < interest.fields.size(); ++i) {
    const format::Field& field = *from.fields()->Get(static_cast<flatbuffers::uoffset_t>(i));
    const Feature& query = model.features[field.query()];
    const Feature& key = model.features[field.key()];
    const auto column = std::find(sequence.features.begin(), sequence.features.end(), field.key());
    const bool is_id = query.kind == format::FeatureKind::id && key.kind == format::FeatureKind::id;
    interest.fields[i] = {field.query(), static_cast<std::uint32_t>(column - sequence.features.begin()), begin,
                          key.width,     key.history_offset,                                             is_id};
    begin += key.width;
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
  interest.result_offset = model.interest_width;
  model.interest_width += interest.result_width;
  if (from.score() == format::Score::dot) return true;
  if (!bind_layers(model.file, from.layers(), owned, interest.layers)) return false;
  fold_first_layer(interest.layers[0], interest.width, owned, interest);
  return split_output(interest.layers, 0, owned, interest.hidden, interest.output);
}

bool bind_interests(Model& model, OwnedFloats& owned) noexcept {
  const auto* const interests = model.file.model->interests();
  if (!model.interests.allocate(count(interests))) return false;
  for (std::size_t i = 0; i < model.interests.size(); ++i) {
    const format::Interest& from = *interests->Get(static_cast<flatbuffers::uoffset_t>(i));
    if (!bind_interest(model, from, owned, model.interests[i])) return false;
  }
  return true;
}

bool is_history_sum(const format::Operand* operand) noexcept {
  return operand != nullptr && (operand->source() == format::Source::history_sum ||
                                operand->source() == format::Source::history_mean);
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

bool bind_tower(Model& model, OwnedFloats& owned) noexcept {
  return bind_parts(model) && bind_layers(model.file, model.file.model->tower()->layers(), owned, model.tower.layers) &&
         split_output(model.tower.layers, model.file.model->head()->positive_class(), owned, model.tower.hidden,
                      model.tower.output) &&
         bind_head(model);
}

}  // namespace

Status bind(Model& model) noexcept {
  OwnedFloats owned;
  if (Status status = owned.allocate(*model.file.model, model.owned); !status) return status;
  const bool bound = bind_vocabularies(model) && bind_tables(model) && bind_features(model, owned) &&
                     bind_sequences(model) && bind_interests(model, owned) && bind_tower(model, owned);
  return bound ? Status() : no_memory();
}

}  // namespace dinghy::network
