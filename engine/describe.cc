// Model::describe(): what a caller needs to know of a model, as JSON.
#include <cstdio>

#include "dinghy/model.h"
#include "engine/format/bounds.h"
#include "engine/json.h"
#include "engine/left_out.h"
#include "engine/network/network.h"
#include "engine/scoring/bounds.h"
#include "schema/header.h"

namespace dinghy {
namespace {

using format::count;

/// The keys and values of one object.
class Object {
 public:
  explicit Object(JsonWriter& json) noexcept : json_(json) { json_.open('{'); }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() { json_.close('}'); }

  void text(const char* key, std::string_view value) noexcept { json_.key(key), json_.text(value); }
  void number(const char* key, std::uint64_t value) noexcept { json_.key(key), json_.number(value); }
  void integer(const char* key, std::int64_t value) noexcept { json_.key(key), json_.number(value); }
  void boolean(const char* key, bool value) noexcept { json_.key(key), json_.boolean(value); }
  /// The index of something that may not be there.
  void index(const char* key, int value) noexcept {
    if (value >= 0) integer(key, value);
  }
  void optional_text(const char* key, const flatbuffers::String* value) noexcept {
    if (value != nullptr) text(key, value->string_view());
  }

 private:
  JsonWriter& json_;
};

/// "key": [one, another, …] of a FlatBuffers vector that may not be there.
template <class Vector, class Write>
void list(JsonWriter& json, const char* key, const Vector* from, Write write) noexcept {
  json.key(key);
  json.open('[');
  for (std::uint32_t i = 0; i < count(from); ++i) write(json, *from->Get(i));
  json.close(']');
}

void write_text(JsonWriter& json, const flatbuffers::String& text) noexcept { json.text(text.string_view()); }

void write_feature(JsonWriter& json, const format::Feature& from) noexcept {
  Object feature(json);
  feature.text("name", format::text(from.name()));
  feature.text("role", format::EnumNameRole(from.role()));
  feature.text("kind", format::EnumNameFeatureKind(from.kind()));
  feature.number("width", from.width());
  feature.index("history", from.sequence());
  if (from.kind() == format::FeatureKind::dense) return feature.number("numbers", from.dense_width());
  feature.index("table", from.table());
  feature.index("history_table", from.history_table());
  if (from.kind() == format::FeatureKind::bag) feature.text("pooling", format::EnumNamePooling(from.pooling()));
}

void write_table(JsonWriter& json, const format::Model& model, const format::EmbeddingTable& from) noexcept {
  Object table(json);
  table.text("name", format::text(from.name()));
  table.number("rows", from.rows());
  table.number("width", from.width());
  table.text("encoding", format::EnumNameEncoding(from.encoding()));
  if (from.vocabulary() >= 0) {
    const format::Vocabulary& vocabulary = *model.vocabularies()->Get(static_cast<std::uint32_t>(from.vocabulary()));
    table.text("ids", format::EnumNameKeyType(vocabulary.key_type()));
    table.number("vocabulary", vocabulary.keys());
  } else {
    table.text("ids", format::EnumNameKeyType(format::KeyType::int64));
    if (from.hash() != format::IdHash::none) {
      table.text("hash", format::EnumNameIdHash(from.hash()));
      table.number("hash_buckets", from.hash_buckets());
    }
    table.integer("first_id", from.first_id());
  }
  table.text("missing", format::EnumNameMissingId(from.missing()));
  if (from.missing() == format::MissingId::row) table.number("missing_row", from.missing_row());
  if (from.remote_rows() == 0) return;
  char version[17];  // as a text: a number of 64 bits is more than JavaScript's have room for
  std::snprintf(version, sizeof version, "%016llx", static_cast<unsigned long long>(from.remote_version()));
  table.number("remote_rows", from.remote_rows());
  table.text("remote_version", version);
}

void write_history(JsonWriter& json, const format::Sequence& from) noexcept {
  Object history(json);
  history.text("name", format::text(from.name()));
  history.number("max_length", from.max_length());
  history.text("keep", format::EnumNameKeep(from.keep()));
  history.text("mask", format::EnumNameMask(from.mask()));
}

void write_field(JsonWriter& json, const format::Field& from) noexcept {
  Object field(json);
  field.number("query", from.query());
  field.number("key", from.key());
}

void write_interest(JsonWriter& json, const format::Interest& from) noexcept {
  Object interest(json);
  interest.text("name", format::text(from.name()));
  interest.number("history", from.sequence());
  list(json, "fields", from.fields(), write_field);
  interest.text("score", format::EnumNameScore(from.score()));
  interest.text("normalizer", format::EnumNameNormalizer(from.normalizer()));
  interest.text("pooling", format::EnumNamePooling(from.pooling()));
  interest.text("empty", format::EnumNameEmptyHistory(from.empty()));
}

void write_limits(JsonWriter& json, std::size_t trained_history) noexcept {
  Object limits(json);
  limits.number("candidates", scoring::kMaxCandidates);
  limits.number("history", scoring::kMaxHistory);
  limits.number("trained_history", trained_history);
}

void write_provenance(JsonWriter& json, const format::Provenance& from) noexcept {
  Object provenance(json);
  provenance.optional_text("package", from.package());
  provenance.optional_text("preset", from.preset());
  provenance.optional_text("checkpoint", from.checkpoint());
  provenance.optional_text("checkpoint_sha256", from.checkpoint_sha256());
  provenance.optional_text("converter", from.converter());
  list(json, "notes", from.notes(), write_text);
}

void write_model(JsonWriter& json, const Model& model) noexcept {
  const format::Model& from = model.internal().file.model();
  char id[17];
  std::snprintf(id, sizeof id, "%016llx", static_cast<unsigned long long>(model.id()));
  Object object(json);
  object.text("name", model.name());
  object.text("version", model.version());
  object.text("id", id);
  object.number("format_version", format::kFormatVersion);
  object.text("compute", format::EnumNameCompute(from.compute()));
  list(json, "features", from.features(), write_feature);
  list(json, "tables", from.tables(),
       [&](JsonWriter& to, const format::EmbeddingTable& table) noexcept { write_table(to, from, table); });
  list(json, "histories", from.sequences(), write_history);
  list(json, "interests", from.interests(), write_interest);
  json.key("limits");
  write_limits(json, model.trained_history());
  object.number("golden_rows", from.golden() == nullptr ? 0 : from.golden()->rows());
  if (from.provenance() == nullptr) return;
  json.key("provenance");
  write_provenance(json, *from.provenance());
}

}  // namespace

std::uint64_t Model::id() const noexcept {
  format::Header header{};
  return format::read_header(reinterpret_cast<const unsigned char*>(file().data()), header) ? header.metadata_hash : 0;
}

std::size_t Model::describe(std::span<char> room) const noexcept {
  JsonWriter json(room);
  if (kHasDescribe) {
    write_model(json, *this);
  } else {
    json.put(R"({"unsupported":"describe: this build of the engine is without it"})");
  }
  json.put('\0');
  if (json.size() > room.size() && !room.empty()) room[0] = '\0';
  return json.size();
}

}  // namespace dinghy
