#include <algorithm>

#include "engine/format/verify.h"
#include "engine/network/bind_steps.h"
#include "engine/network/network.h"
#include "schema/row_form.h"

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
    model.vocabularies[i] = {v.key_type(),
                             segment + v.offset(),
                             v.capacity(),
                             v.max_probes(),
                             strings ? segment + v.strings_offset() : nullptr,
                             strings ? v.strings_size() : 0};
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
                       format::row_form(t.encoding(), t.scale_type()),
                       t.first_id(),
                       t.vocabulary() < 0 ? nullptr : &model.vocabularies[static_cast<std::size_t>(t.vocabulary())],
                       t.hash(),
                       t.hash_buckets(),
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
    sequence.pad_side = from.pad_side();
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

}  // namespace

Status bind(Model& model) noexcept {
  model.compute = model.file.model->compute();
  OwnedFloats owned;
  if (Status status = owned.allocate(*model.file.model, model.owned); !status) return status;
  const bool bound = bind_vocabularies(model) && bind_tables(model) && bind_features(model, owned) &&
                     bind_sequences(model) && bind_interests(model, owned) && bind_tower(model, owned);
  return bound ? Status() : no_memory();
}

}  // namespace dinghy::network
