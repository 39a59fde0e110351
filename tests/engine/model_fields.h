// Every field of every table of the schema, for tests that change files: schema/model.fbs as functions. A test compares
// them with the schema, so that a new field cannot be left out.
#pragma once

#include <string_view>

#include "changeable_generated.h"

namespace dinghy::tests {

/// Parts that are tables without which FlatBuffers writes no model (schema/model.fbs, "required").
inline bool is_required(std::string_view name) {
  return name == "weight" || name == "operand" || name == "tower" || name == "head";
}

/// visit_fields(table, visit) calls visit(name, field) for each of its fields.
template <class Visit>
void visit_fields(changeable::SegmentT& t, Visit&& visit) {
  visit("kind", t.kind);
  visit("offset", t.offset);
  visit("size", t.size);
  visit("hash", t.hash);
}

template <class Visit>
void visit_fields(changeable::TensorT& t, Visit&& visit) {
  visit("segment", t.segment);
  visit("offset", t.offset);
  visit("rows", t.rows);
  visit("cols", t.cols);
  visit("stride", t.stride);
}

template <class Visit>
void visit_fields(changeable::VocabularyT& t, Visit&& visit) {
  visit("name", t.name);
  visit("key_type", t.key_type);
  visit("keys", t.keys);
  visit("capacity", t.capacity);
  visit("max_probes", t.max_probes);
  visit("segment", t.segment);
  visit("offset", t.offset);
  visit("strings_offset", t.strings_offset);
  visit("strings_size", t.strings_size);
}

template <class Visit>
void visit_fields(changeable::EmbeddingTableT& t, Visit&& visit) {
  visit("name", t.name);
  visit("rows", t.rows);
  visit("width", t.width);
  visit("encoding", t.encoding);
  visit("scale_type", t.scale_type);
  visit("row_stride", t.row_stride);
  visit("segment", t.segment);
  visit("offset", t.offset);
  visit("first_id", t.first_id);
  visit("vocabulary", t.vocabulary);
  visit("hash", t.hash);
  visit("hash_buckets", t.hash_buckets);
  visit("missing", t.missing);
  visit("missing_row", t.missing_row);
  visit("column_sizes", t.column_sizes);
  visit("remote_rows", t.remote_rows);
  visit("remote_version", t.remote_version);
}

template <class Visit>
void visit_fields(changeable::FeatureT& t, Visit&& visit) {
  visit("name", t.name);
  visit("role", t.role);
  visit("kind", t.kind);
  visit("width", t.width);
  visit("sequence", t.sequence);
  visit("table", t.table);
  visit("history_table", t.history_table);
  visit("pooling", t.pooling);
  visit("dense_width", t.dense_width);
  visit("projection", t.projection);
  visit("pad_row", t.pad_row);
  visit("pad_id", t.pad_id);
  visit("pad_vector", t.pad_vector);
}

template <class Visit>
void visit_fields(changeable::SequenceT& t, Visit&& visit) {
  visit("name", t.name);
  visit("max_length", t.max_length);
  visit("keep", t.keep);
  visit("mask", t.mask);
  visit("pad_side", t.pad_side);
}

template <class Visit>
void visit_fields(changeable::ActivationT& t, Visit&& visit) {
  visit("kind", t.kind);
  visit("slope", t.slope);
  visit("epsilon", t.epsilon);
  visit("scale", t.scale);
  visit("shift", t.shift);
  visit("alpha", t.alpha);
}

template <class Visit>
void visit_fields(changeable::LayerT& t, Visit&& visit) {
  visit("weight", t.weight);
  visit("bias", t.bias);
  visit("activation", t.activation);
}

template <class Visit>
void visit_fields(changeable::FieldT& t, Visit&& visit) {
  visit("query", t.query);
  visit("key", t.key);
}

template <class Visit>
void visit_fields(changeable::InterestT& t, Visit&& visit) {
  visit("name", t.name);
  visit("sequence", t.sequence);
  visit("fields", t.fields);
  visit("query_layers", t.query_layers);
  visit("score", t.score);
  visit("layers", t.layers);
  visit("scale", t.scale);
  visit("normalizer", t.normalizer);
  visit("pooling", t.pooling);
  visit("pads", t.pads);
  visit("pad_to", t.pad_to);
  visit("empty", t.empty);
  visit("post_layers", t.post_layers);
}

template <class Visit>
void visit_fields(changeable::OperandT& t, Visit&& visit) {
  visit("source", t.source);
  visit("index", t.index);
  visit("begin", t.begin);
  visit("width", t.width);
  visit("pad_to", t.pad_to);
}

template <class Visit>
void visit_fields(changeable::PartT& t, Visit&& visit) {
  visit("operand", t.operand);
  visit("times", t.times);
}

template <class Visit>
void visit_fields(changeable::MlpT& t, Visit&& visit) {
  visit("name", t.name);
  visit("parts", t.parts);
  visit("layers", t.layers);
}

template <class Visit>
void visit_fields(changeable::TowerT& t, Visit&& visit) {
  visit("parts", t.parts);
  visit("layers", t.layers);
}

template <class Visit>
void visit_fields(changeable::BiasT& t, Visit&& visit) {
  visit("feature", t.feature);
  visit("table", t.table);
}

template <class Visit>
void visit_fields(changeable::HeadT& t, Visit&& visit) {
  visit("positive_class", t.positive_class);
  visit("link", t.link);
  visit("scale", t.scale);
  visit("shift", t.shift);
  visit("offset", t.offset);
  visit("biases", t.biases);
}

template <class Visit>
void visit_fields(changeable::GoldenT& t, Visit&& visit) {
  visit("segment", t.segment);
  visit("rows", t.rows);
  visit("tolerance", t.tolerance);
  visit("attention_tolerance", t.attention_tolerance);
  visit("columns", t.columns);
}

template <class Visit>
void visit_fields(changeable::ProvenanceT& t, Visit&& visit) {
  visit("package", t.package);
  visit("preset", t.preset);
  visit("checkpoint", t.checkpoint);
  visit("checkpoint_sha256", t.checkpoint_sha256);
  visit("recipe", t.recipe);
  visit("converter", t.converter);
  visit("notes", t.notes);
}

template <class Visit>
void visit_fields(changeable::ModelT& t, Visit&& visit) {
  visit("name", t.name);
  visit("needs", t.needs);
  visit("segments", t.segments);
  visit("vocabularies", t.vocabularies);
  visit("tables", t.tables);
  visit("sequences", t.sequences);
  visit("features", t.features);
  visit("interests", t.interests);
  visit("mlps", t.mlps);
  visit("tower", t.tower);
  visit("head", t.head);
  visit("compute", t.compute);
  visit("golden", t.golden);
  visit("provenance", t.provenance);
  visit("version", t.version);
}

}  // namespace dinghy::tests
