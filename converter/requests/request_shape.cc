// What a model asks of a request, from its public features and the histories in its metadata.
#include "converter/requests/requests.h"
#include "model_generated.h"

namespace dinghy::converter {

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
      shape.sequences.push_back({sequence->name()->str(), sequence->keep() == format::Keep::last});
    }
  }
  if (metadata->interests()) {
    for (const format::Interest* interest : *metadata->interests()) {
      shape.interest_sequences.push_back(interest->sequence());
    }
  }
  return shape;
}

}  // namespace dinghy::converter
