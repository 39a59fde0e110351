#include <algorithm>
#include <cstdio>

#include "converter/inspection/inspection.h"
#include "converter/inspection/network_text.h"
#include "converter/table_form.h"
#include "converter/text/number_text.h"
#include "converter/text/text_table.h"
#include "dinghy/isa.h"
#include "model_generated.h"
#include "schema/row_form.h"

namespace dinghy::converter {
namespace {

std::string table_name(const format::Model& model, int table) {
  return table < 0 ? "-" : model.tables()->Get(static_cast<flatbuffers::uoffset_t>(table))->name()->str();
}

std::string features_text(const Model& model, const format::Model& metadata) {
  TextTable table({"name", "role", "kind", "in history", "width", "table", "history table"});
  for (const format::Feature* feature : *metadata.features()) {
    const bool in_history = feature->sequence() >= 0;
    std::string kind = format::EnumNameFeatureKind(feature->kind());
    if (feature->kind() == format::FeatureKind::bag) {
      kind += std::string(" ") + format::EnumNamePooling(feature->pooling());
    }
    if (feature->kind() == format::FeatureKind::dense) kind += ' ' + std::to_string(feature->dense_width());
    const auto number = model.feature(feature->name()->string_view());
    if (number && model.features()[*number].string_ids) kind += " string";
    table.add({feature->name()->str(), format::EnumNameRole(feature->role()), kind, in_history ? "yes" : "no",
               std::to_string(feature->width()), table_name(metadata, feature->table()),
               in_history ? table_name(metadata, feature->history_table()) : "-"});
  }
  return "\nfeatures\n" + table.text();
}

std::string missing_text(const format::EmbeddingTable& table) {
  std::string text = format::EnumNameMissingId(table.missing());
  if (table.missing() == format::MissingId::row) text += ' ' + std::to_string(table.missing_row());
  return text;
}

std::string ids_text(const format::Model& model, const format::EmbeddingTable& table) {
  if (table.vocabulary() >= 0) {
    const auto* vocabulary = model.vocabularies()->Get(static_cast<flatbuffers::uoffset_t>(table.vocabulary()));
    return std::to_string(vocabulary->keys()) + " " + format::EnumNameKeyType(vocabulary->key_type()) + " keys";
  }
  if (table.hash() != format::IdHash::none) {
    return std::string(format::EnumNameIdHash(table.hash())) + " % " + std::to_string(table.hash_buckets());
  }
  return "from " + std::to_string(table.first_id());
}

std::string rows_text(const format::EmbeddingTable& table) {
  std::string text = std::to_string(table.rows());
  if (table.remote_rows() > 0) text += " of " + std::to_string(table.remote_rows());
  return text;
}

std::string tables_text(const format::Model& model) {
  TextTable text({"name", "rows", "width", "stored as", "bytes", "ids", "missing id"});
  for (const format::EmbeddingTable* table : *model.tables()) {
    text.add({table->name()->str(), rows_text(*table), std::to_string(table->width()),
              word_of(format::row_form(table->encoding(), table->scale_type())),
              bytes_text(table->rows() * table->row_stride()), ids_text(model, *table), missing_text(*table)});
  }
  return "\ntables\n" + text.text();
}

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

/// "table item", with the names of all that have their rows in it.
template <class Owners>
std::string segment_text(const format::Segment& segment, std::uint32_t number, const Owners* owners) {
  std::string names;
  for (flatbuffers::uoffset_t i = 0; owners && i < owners->size(); ++i) {
    if (owners->Get(i)->segment() == number) names += (names.empty() ? " " : ", ") + owners->Get(i)->name()->str();
  }
  return format::EnumNameSegmentKind(segment.kind()) + names;
}

std::string section_name(const format::Model& model, std::uint32_t number) {
  const format::Segment& segment = *model.segments()->Get(number);
  if (segment.kind() == format::SegmentKind::table) return segment_text(segment, number, model.tables());
  if (segment.kind() == format::SegmentKind::vocabulary) return segment_text(segment, number, model.vocabularies());
  return format::EnumNameSegmentKind(segment.kind());
}

std::string sections_text(const Model& model, const format::Model& metadata) {
  TextTable text({"section", "offset", "bytes", "of the file"});
  const auto file = static_cast<double>(model.file().size());
  std::uint64_t between = model.file().size();
  const auto add = [&](const std::string& name, std::uint64_t offset, std::uint64_t bytes) {
    text.add({name, std::to_string(offset), std::to_string(bytes), percent(static_cast<double>(bytes) / file)});
    between -= bytes;
  };
  const auto header = static_cast<std::uint64_t>(model.metadata().data() - model.file().data());
  add("header", 0, header);
  add("metadata", header, model.metadata().size());
  for (std::uint32_t i = 0; i < metadata.segments()->size(); ++i) {
    add(section_name(metadata, i), metadata.segments()->Get(i)->offset(), metadata.segments()->Get(i)->size());
  }
  text.add({"between them", "-", std::to_string(between), percent(static_cast<double>(between) / file)});
  return "\nsections\n" + text.text();
}

std::string origin_text(const format::Provenance* provenance) {
  if (!provenance) return "\norigin: not stated\n";
  std::string text = "\norigin\n";
  const auto line = [&text](const char* label, const flatbuffers::String* value) {
    if (value && value->size()) text += std::string("  ") + label + value->str() + "\n";
  };
  line("package     ", provenance->package());
  line("preset      ", provenance->preset());
  line("checkpoint  ", provenance->checkpoint());
  line("sha256      ", provenance->checkpoint_sha256());
  line("converter   ", provenance->converter());
  for (flatbuffers::uoffset_t i = 0; provenance->notes() && i < provenance->notes()->size(); ++i) {
    line("note        ", provenance->notes()->Get(i));
  }
  return text;
}

std::string golden_text(const format::Golden* golden) {
  if (!golden) return "\ngolden rows: none (convert with --check to add them)\n";
  std::string text =
      "\ngolden rows: " + std::to_string(golden->rows()) + ", tolerance " + number_text(golden->tolerance());
  if (golden->attention_tolerance() > 0) {
    text += ", of attention weights " + number_text(golden->attention_tolerance());
  }
  return text + "\n";
}

std::string isas_text() {
  std::string text = "\nISAs of this build:";
  for (const Isa& isa : isas()) text += std::string(" ") + isa.name + (isa.available ? "" : " (not on this machine)");
  return text + "\n";
}

}  // namespace

std::string inspection_text(const Model& model, const std::string& path) {
  const format::Model& metadata = *format::GetModel(model.metadata().data());
  std::string text = path + ": " + std::string(model.name());
  if (!model.version().empty()) text += ", version " + std::string(model.version());
  text += ", " + bytes_text(model.file().size()) + "\n";
  text += "\nnetwork\n" + network_text(metadata) + features_text(model, metadata) + tables_text(metadata);
  text += sections_text(model, metadata) + golden_text(metadata.golden()) + origin_text(metadata.provenance());
  text += isas_text();
  // Names are the file's: they may hold anything, a terminal's control sequences too.
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return (c < ' ' && c != '\n') || c == 0x7f; }, '?');
  return text;
}

}  // namespace dinghy::converter
