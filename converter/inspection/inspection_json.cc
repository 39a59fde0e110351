#include <nlohmann/json.hpp>

#include "converter/inspection/inspection.h"
#include "converter/text/json_document.h"
#include "converter/text/number_text.h"
#include "dinghy/isa.h"
#include "model_generated.h"

namespace dinghy::converter {
namespace {

using Json = nlohmann::ordered_json;

/// A list of objects made from a vector of the metadata that may be missing.
template <class Vector, class Describe>
Json list(const Vector* vector, Describe&& describe) {
  Json objects = Json::array();
  for (flatbuffers::uoffset_t i = 0; vector && i < vector->size(); ++i) objects.push_back(describe(*vector->Get(i)));
  return objects;
}

Json text(const flatbuffers::String* string) { return string ? Json(string->str()) : Json(nullptr); }

Json texts(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* strings) {
  return list(strings, [](const flatbuffers::String& string) { return Json(string.str()); });
}

Json layer(const format::Layer& layer) {
  Json object = {{"in", layer.weight()->rows()}, {"out", layer.weight()->cols()}, {"bias", layer.bias() != nullptr}};
  const auto kind = layer.activation() ? layer.activation()->kind() : format::ActivationKind::identity;
  object["activation"] = format::EnumNameActivationKind(kind);
  if (kind == format::ActivationKind::leaky_relu) object["slope"] = layer.activation()->slope();
  if (kind == format::ActivationKind::row_gate) object["epsilon"] = layer.activation()->epsilon();
  return object;
}

Json features(const Model& model, const format::Model& metadata) {
  Json objects = Json::array();
  for (std::size_t i = 0; i < model.features().size(); ++i) {
    const dinghy::Feature& feature = model.features()[i];
    const format::Feature& stored = *metadata.features()->Get(static_cast<flatbuffers::uoffset_t>(i));
    Json object = {{"name", feature.name},
                   {"role", format::EnumNameRole(stored.role())},
                   {"kind", format::EnumNameFeatureKind(stored.kind())},
                   {"in_history", feature.in_history},
                   {"width", stored.width()}};
    if (feature.kind == FeatureKind::dense) {
      object["dense_width"] = feature.dense_width;
    } else {
      object["string_ids"] = feature.string_ids;
    }
    if (stored.table() >= 0) object["table"] = stored.table();
    if (stored.history_table() >= 0) object["history_table"] = stored.history_table();
    if (feature.kind == FeatureKind::bag) object["pooling"] = format::EnumNamePooling(stored.pooling());
    if (stored.projection()) object["projection"] = layer(*stored.projection());
    objects.push_back(std::move(object));
  }
  return objects;
}

Json table(const format::EmbeddingTable& table) {
  Json object = {{"name", text(table.name())},
                 {"rows", table.rows()},
                 {"width", table.width()},
                 {"encoding", format::EnumNameEncoding(table.encoding())},
                 {"scale_type", format::EnumNameScaleType(table.scale_type())},
                 {"row_stride", table.row_stride()},
                 {"bytes", table.rows() * table.row_stride()},
                 {"segment", table.segment()},
                 {"first_id", table.first_id()},
                 {"hash", format::EnumNameIdHash(table.hash())},
                 {"missing", format::EnumNameMissingId(table.missing())}};
  if (table.missing() == format::MissingId::row) object["missing_row"] = table.missing_row();
  if (table.vocabulary() >= 0) object["vocabulary"] = table.vocabulary();
  if (table.remote_rows() > 0) {
    object["remote_rows"] = table.remote_rows();
    object["remote_version"] = hex_text(table.remote_version());
  }
  return object;
}

Json vocabulary(const format::Vocabulary& vocabulary) {
  return {{"name", text(vocabulary.name())},
          {"key_type", format::EnumNameKeyType(vocabulary.key_type())},
          {"keys", vocabulary.keys()},
          {"capacity", vocabulary.capacity()},
          {"max_probes", vocabulary.max_probes()},
          {"segment", vocabulary.segment()}};
}

Json sequence(const format::Sequence& sequence) {
  return {{"name", text(sequence.name())},
          {"max_length", sequence.max_length()},
          {"keep", format::EnumNameKeep(sequence.keep())},
          {"mask", format::EnumNameMask(sequence.mask())},
          {"pad_side", format::EnumNamePadSide(sequence.pad_side())}};
}

Json interest(const format::Interest& interest) {
  return {
      {"name", text(interest.name())},
      {"sequence", interest.sequence()},
      {"fields", list(interest.fields(),
                      [](const format::Field& field) { return Json{{"query", field.query()}, {"key", field.key()}}; })},
      {"query_layers", list(interest.query_layers(), layer)},
      {"score", format::EnumNameScore(interest.score())},
      {"layers", list(interest.layers(), layer)},
      {"scale", interest.scale()},
      {"normalizer", format::EnumNameNormalizer(interest.normalizer())},
      {"pooling", format::EnumNamePooling(interest.pooling())},
      {"pads", format::EnumNamePads(interest.pads())},
      {"pad_to", interest.pad_to()},
      {"empty", format::EnumNameEmptyHistory(interest.empty())},
      {"post_layers", list(interest.post_layers(), layer)}};
}

Json operand(const format::Operand& operand) {
  return {{"source", format::EnumNameSource(operand.source())},
          {"index", operand.index()},
          {"begin", operand.begin()},
          {"width", operand.width()},
          {"pad_to", operand.pad_to()}};
}

Json part(const format::Part& part) {
  Json object = operand(*part.operand());
  if (part.times()) object["times"] = operand(*part.times());
  return object;
}

Json mlp(const format::Mlp& mlp) {
  return {{"name", text(mlp.name())}, {"parts", list(mlp.parts(), part)}, {"layers", list(mlp.layers(), layer)}};
}

Json head(const format::Head& head) {
  return {{"positive_class", head.positive_class()},
          {"link", format::EnumNameLink(head.link())},
          {"scale", head.scale()},
          {"shift", head.shift()},
          {"offset", head.offset()},
          {"biases", list(head.biases(), [](const format::Bias& bias) {
             return Json{{"feature", bias.feature()}, {"table", bias.table()}};
           })}};
}

Json segment(const format::Segment& segment) {
  const char* kind = format::EnumNameSegmentKind(segment.kind());
  return {{"kind", kind},
          {"offset", segment.offset()},
          {"size", segment.size()},
          {"hash", segment.hash() ? Json(*segment.hash()) : Json()}};
}

Json provenance(const format::Provenance* provenance) {
  if (!provenance) return nullptr;
  return {{"package", text(provenance->package())},       {"preset", text(provenance->preset())},
          {"checkpoint", text(provenance->checkpoint())}, {"checkpoint_sha256", text(provenance->checkpoint_sha256())},
          {"recipe", text(provenance->recipe())},         {"converter", text(provenance->converter())},
          {"notes", texts(provenance->notes())}};
}

Json golden(const format::Golden* golden) {
  if (!golden) return nullptr;
  return {{"rows", golden->rows()},
          {"tolerance", golden->tolerance()},
          {"attention_tolerance", golden->attention_tolerance()},
          {"segment", golden->segment()}};
}

Json available_isas() {
  Json objects = Json::array();
  for (const Isa& isa : isas()) objects.push_back({{"name", isa.name}, {"available", isa.available}});
  return objects;
}

}  // namespace

std::string inspection_json(const Model& model, const std::string& path) {
  const format::Model& metadata = *format::GetModel(model.metadata().data());
  const Json object = {
      {"file", path},
      {"bytes", model.file().size()},
      {"metadata_bytes", model.metadata().size()},
      {"name", model.name()},
      {"version", model.version()},
      {"needs", texts(metadata.needs())},
      {"features", features(model, metadata)},
      {"sequences", list(metadata.sequences(), sequence)},
      {"interests", list(metadata.interests(), interest)},
      {"mlps", list(metadata.mlps(), mlp)},
      {"tower",
       {{"parts", list(metadata.tower()->parts(), part)}, {"layers", list(metadata.tower()->layers(), layer)}}},
      {"head", head(*metadata.head())},
      {"compute", format::EnumNameCompute(metadata.compute())},
      {"tables", list(metadata.tables(), table)},
      {"vocabularies", list(metadata.vocabularies(), vocabulary)},
      {"segments", list(metadata.segments(), segment)},
      {"golden", golden(metadata.golden())},
      {"provenance", provenance(metadata.provenance())},
      {"isas", available_isas()}};
  return json_document(object);
}

}  // namespace dinghy::converter
