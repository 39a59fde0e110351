// What a model asks of a request: from its public features and the histories in its metadata, or from the network that
// will become its file.
#include "converter/network.h"
#include "converter/requests/requests.h"
#include "model_generated.h"

namespace dinghy::converter {
namespace {

bool has_string_ids(const Network& network, const Feature& feature) {
  const int table = feature.table >= 0 ? feature.table : feature.history_table;
  const int vocabulary = table < 0 ? -1 : network.tables[static_cast<std::size_t>(table)].vocabulary;
  return vocabulary >= 0 && !network.vocabularies[static_cast<std::size_t>(vocabulary)].string_rows.empty();
}

}  // namespace

RequestShape request_shape(const Model& model) {
  const format::Model* metadata = format::GetModel(model.metadata().data());
  RequestShape shape;
  for (std::size_t i = 0; i < model.features().size(); ++i) {
    const dinghy::Feature& feature = model.features()[i];
    const format::Feature* stored = metadata->features()->Get(static_cast<flatbuffers::uoffset_t>(i));
    shape.features.push_back({.name = std::string(feature.name),
                              .role = feature.role,
                              .in_history = feature.in_history,
                              .kind = feature.kind,
                              .dense_width = feature.dense_width,
                              .string_ids = feature.string_ids,
                              .sequence = stored->sequence()});
  }
  if (metadata->sequences()) {
    for (const format::Sequence* sequence : *metadata->sequences()) {
      shape.sequences.push_back({.name = sequence->name()->str(),
                                 .keeps_last = sequence->keep() == format::Keep::last,
                                 .max_length = sequence->max_length()});
    }
  }
  if (metadata->interests()) {
    for (const format::Interest* interest : *metadata->interests()) {
      shape.interest_sequences.push_back(interest->sequence());
    }
  }
  return shape;
}

RequestShape request_shape(const Network& network) {
  RequestShape shape;
  for (const Feature& feature : network.features) {
    shape.features.push_back({.name = feature.name,
                              .role = static_cast<Role>(feature.role),
                              .in_history = feature.sequence >= 0,
                              .kind = static_cast<FeatureKind>(feature.kind),
                              .dense_width = feature.dense_width,
                              .string_ids = has_string_ids(network, feature),
                              .sequence = feature.sequence});
  }
  for (const Sequence& sequence : network.sequences) {
    shape.sequences.push_back(
        {.name = sequence.name, .keeps_last = sequence.keep == format::Keep::last, .max_length = sequence.max_length});
  }
  for (const Interest& interest : network.interests) shape.interest_sequences.push_back(interest.sequence);
  return shape;
}

}  // namespace dinghy::converter
