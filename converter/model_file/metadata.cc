#include "converter/model_file/metadata.h"

#include <algorithm>

#include "schema/row_form.h"

namespace dinghy::converter {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

template <class T>
using Offsets = std::vector<Offset<T>>;

std::uint32_t width_of(const Table& table) { return static_cast<std::uint32_t>(table.source.shape.at(1)); }

// Here and below, no two parts are made in the arguments of one call: their order is the compiler's choice, and the
// same network shall give the same bytes on every machine.

// One layer after the other into the FlatBuffer, its numbers into the dense segment.
class Packer {
 public:
  Packer(FlatBufferBuilder& builder, DenseSegment& dense) : builder_(builder), dense_(dense) {}

  template <class Numbers>
  Offset<format::Tensor> tensor(const Numbers& numbers, const std::string& name) {
    const PlacedTensor placed = dense_.add(numbers, name);
    return format::CreateTensor(builder_, 0, placed.offset, placed.rows, placed.cols, placed.stride);
  }

  Offset<format::Tensor> optional_vector(const Vector& vector, const std::string& name) {
    return vector.empty() ? Offset<format::Tensor>() : tensor(vector, name);
  }

  Offset<format::Activation> activation(const Activation& activation, std::size_t width, const std::string& name) {
    if (activation.kind == format::ActivationKind::identity) return {};
    const auto scale = optional_vector(activation.scale, name + " scale");
    const auto shift = optional_vector(activation.shift, name + " shift");
    const bool by_position = activation.kind == format::ActivationKind::prelu_position;
    const auto alpha = by_position
                           ? tensor(Matrix{activation.alpha.size() / width, width, activation.alpha}, name + " alpha")
                           : optional_vector(activation.alpha, name + " alpha");
    return format::CreateActivation(builder_, activation.kind, static_cast<float>(activation.slope),
                                    static_cast<float>(activation.epsilon), scale, shift, alpha);
  }

  Offset<format::Layer> layer(const Layer& layer, const std::string& name) {
    const auto weight = tensor(layer.weight, name + " weight");
    const auto bias = optional_vector(layer.bias, name + " bias");
    return format::CreateLayer(builder_, weight, bias,
                               activation(layer.activation, layer.weight.cols, name + " activation"));
  }

  Offset<flatbuffers::Vector<Offset<format::Layer>>> layers(const std::vector<Layer>& layers, const std::string& name) {
    if (layers.empty()) return {};
    Offsets<format::Layer> offsets;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      offsets.push_back(layer(layers[i], name + " layer " + std::to_string(i)));
    }
    return builder_.CreateVector(offsets);
  }

  Offset<flatbuffers::Vector<Offset<format::Part>>> parts(const std::vector<Part>& parts) {
    Offsets<format::Part> offsets;
    for (const Part& part : parts) {
      const auto times = part.times ? operand(*part.times) : Offset<format::Operand>();
      offsets.push_back(format::CreatePart(builder_, operand(part.operand), times));
    }
    return builder_.CreateVector(offsets);
  }

 private:
  Offset<format::Operand> operand(const Operand& operand) {
    return format::CreateOperand(builder_, operand.source, operand.index, operand.begin, operand.width, operand.pad_to);
  }

  FlatBufferBuilder& builder_;
  DenseSegment& dense_;
};

auto pack_segments(FlatBufferBuilder& builder, const SegmentPlan& plan) {
  Offsets<format::Segment> offsets;
  for (const PlacedSegment& segment : plan.segments) {
    offsets.push_back(
        format::CreateSegment(builder, segment.kind, segment.offset, segment.size, segment.hash.digest()));
  }
  return builder.CreateVector(offsets);
}

auto pack_vocabularies(FlatBufferBuilder& builder, const Network& network, const SegmentPlan& plan,
                       const std::vector<VocabularySegment>& segments) {
  Offsets<format::Vocabulary> offsets;
  for (std::size_t i = 0; i < network.vocabularies.size(); ++i) {
    const VocabularySegment& segment = segments[i];
    const bool strings = !network.vocabularies[i].string_rows.empty();
    offsets.push_back(format::CreateVocabulary(builder, builder.CreateString(network.vocabularies[i].name),
                                               strings ? format::KeyType::string : format::KeyType::int64, segment.keys,
                                               segment.capacity, segment.max_probes, plan.vocabulary_segments[i], 0,
                                               segment.strings_offset, segment.strings_size));
  }
  return builder.CreateVector(offsets);
}

bool has_column_sizes(const Network& network, const Table& table) {
  return network.compute != format::Compute::f32 && !table.column_sizes.empty();
}

auto pack_tables(FlatBufferBuilder& builder, const Network& network, const SegmentPlan& plan, Packer& packer) {
  Offsets<format::EmbeddingTable> offsets;
  for (std::size_t i = 0; i < network.tables.size(); ++i) {
    const Table& table = network.tables[i];
    const auto name = builder.CreateString(table.name);
    const auto column_sizes = has_column_sizes(network, table)
                                  ? packer.tensor(table.column_sizes, table.name + " column_sizes")
                                  : Offset<format::Tensor>();
    offsets.push_back(format::CreateEmbeddingTable(
        builder, name, static_cast<std::uint64_t>(table.source.shape.at(0)), width_of(table), table.encoding,
        table.scale_type, row_stride(table), plan.table_segments[i], 0, table.first_id, table.vocabulary, table.hash,
        table.hash_buckets, table.missing, table.missing_row, column_sizes, table.remote_rows, table.remote_version));
  }
  return builder.CreateVector(offsets);
}

auto pack_sequences(FlatBufferBuilder& builder, const Network& network) {
  Offsets<format::Sequence> offsets;
  for (const Sequence& sequence : network.sequences) {
    offsets.push_back(format::CreateSequence(builder, builder.CreateString(sequence.name), sequence.max_length,
                                             sequence.keep, sequence.mask, sequence.pad_side));
  }
  return builder.CreateVector(offsets);
}

auto pack_features(FlatBufferBuilder& builder, const Network& network, Packer& packer) {
  Offsets<format::Feature> offsets;
  for (const Feature& feature : network.features) {
    const auto projection =
        feature.projection ? packer.layer(*feature.projection, feature.name + " projection") : Offset<format::Layer>();
    const auto pad_vector = packer.optional_vector(feature.pad_vector, feature.name + " pad_vector");
    offsets.push_back(format::CreateFeature(builder, builder.CreateString(feature.name), feature.role, feature.kind,
                                            feature.width, feature.sequence, feature.table, feature.history_table,
                                            feature.pooling, feature.dense_width, projection, feature.pad_row,
                                            feature.pad_id, pad_vector));
  }
  return builder.CreateVector(offsets);
}

Offset<format::Interest> pack_interest(FlatBufferBuilder& builder, const Interest& interest, Packer& packer) {
  Offsets<format::Field> fields;
  for (const Field& field : interest.fields) fields.push_back(format::CreateField(builder, field.query, field.key));
  const auto query_layers = packer.layers(interest.query_layers, interest.name + " query");
  const auto layers = packer.layers(interest.layers, interest.name);
  const auto post_layers = packer.layers(interest.post_layers, interest.name + " post");
  const auto packed_fields = builder.CreateVector(fields);
  const auto name = builder.CreateString(interest.name);
  return format::CreateInterest(builder, name, interest.sequence, packed_fields, query_layers, interest.score, layers,
                                static_cast<float>(interest.scale), interest.normalizer, interest.pooling,
                                interest.pads, interest.pad_to, interest.empty, post_layers);
}

auto pack_interests(FlatBufferBuilder& builder, const Network& network, Packer& packer) {
  Offsets<format::Interest> offsets;
  for (const Interest& interest : network.interests) offsets.push_back(pack_interest(builder, interest, packer));
  return builder.CreateVector(offsets);
}

auto pack_mlps(FlatBufferBuilder& builder, const Network& network, Packer& packer) {
  Offsets<format::Mlp> offsets;
  for (const Mlp& mlp : network.mlps) {
    const auto parts = packer.parts(mlp.parts);
    const auto layers = packer.layers(mlp.layers, mlp.name);
    offsets.push_back(format::CreateMlp(builder, builder.CreateString(mlp.name), parts, layers));
  }
  return builder.CreateVector(offsets);
}

Offset<format::Head> pack_head(FlatBufferBuilder& builder, const Head& head) {
  Offsets<format::Bias> biases;
  for (const Bias& bias : head.biases) biases.push_back(format::CreateBias(builder, bias.feature, bias.table));
  return format::CreateHead(builder, head.positive_class, head.link, static_cast<float>(head.scale),
                            static_cast<float>(head.shift), static_cast<float>(head.offset),
                            builder.CreateVector(biases));
}

Offset<format::Golden> pack_golden(FlatBufferBuilder& builder, const GoldenRows& golden, const SegmentPlan& plan) {
  const auto [score, attention] = golden.tolerance;
  return format::CreateGolden(builder, plan.golden_segment, golden.count, static_cast<float>(score),
                              attention == score ? 0 : static_cast<float>(attention), plan.golden_columns_segment);
}

Offset<format::Provenance> pack_provenance(FlatBufferBuilder& builder, const Provenance& provenance) {
  const auto notes = builder.CreateVectorOfStrings(provenance.notes);
  const auto converter = builder.CreateString(provenance.converter);
  const auto recipe = builder.CreateString(provenance.recipe);
  const auto sha256 = builder.CreateString(provenance.checkpoint_sha256);
  const auto checkpoint = builder.CreateString(provenance.checkpoint);
  const auto preset = builder.CreateString(provenance.preset);
  const auto package = builder.CreateString(provenance.package);
  return format::CreateProvenance(builder, package, preset, checkpoint, sha256, recipe, converter, notes);
}

/// The abilities beyond the schema's base that an engine must have to score this network rightly.
std::vector<std::string> needs_of(const Network& network) {
  std::vector<std::string> needs = network.needs;
  if (!network.mlps.empty()) needs.push_back("mlps");
  const auto is_by_position = [](const Layer& layer) {
    return layer.activation.kind == format::ActivationKind::prelu_position;
  };
  const bool by_position = std::ranges::any_of(
      network.interests, [&](const Interest& i) { return std::ranges::any_of(i.layers, is_by_position); });
  if (by_position) needs.push_back("prelu_position");
  const auto has_pad_vector = [](const Feature& feature) { return !feature.pad_vector.empty(); };
  if (std::ranges::any_of(network.features, has_pad_vector)) needs.push_back("pad_vector");
  const auto has_sizes = [&](const Table& table) { return has_column_sizes(network, table); };
  if (std::ranges::any_of(network.tables, has_sizes)) needs.push_back("column_sizes");
  const auto is_remote = [](const Table& table) { return table.remote_rows > 0; };
  if (std::ranges::any_of(network.tables, is_remote)) needs.push_back("remote");
  return needs;
}

}  // namespace

std::uint32_t row_stride(const Table& table) {
  return static_cast<std::uint32_t>(
      format::row_bytes(format::row_form(table.encoding, table.scale_type), width_of(table)));
}

std::vector<std::uint8_t> build_metadata(const Network& network, const Provenance& provenance, const GoldenRows& golden,
                                         const SegmentPlan& plan, const std::vector<VocabularySegment>& vocabularies,
                                         DenseSegment& dense) {
  FlatBufferBuilder builder;
  Packer packer(builder, dense);
  const auto name = builder.CreateString(network.name);
  const Offset<flatbuffers::String> version = network.version.empty() ? 0 : builder.CreateString(network.version);
  const auto needs = builder.CreateVectorOfStrings(needs_of(network));
  const auto segments = pack_segments(builder, plan);
  const auto packed_vocabularies = pack_vocabularies(builder, network, plan, vocabularies);
  const auto tables = pack_tables(builder, network, plan, packer);
  const auto sequences = pack_sequences(builder, network);
  const auto features = pack_features(builder, network, packer);
  const auto interests = pack_interests(builder, network, packer);
  const auto mlps = pack_mlps(builder, network, packer);
  const auto tower_layers = packer.layers(network.tower, "tower");
  const auto tower = format::CreateTower(builder, packer.parts(network.tower_parts), tower_layers);
  const auto head = pack_head(builder, network.head);
  const auto packed_golden = golden.count == 0 ? Offset<format::Golden>() : pack_golden(builder, golden, plan);
  const auto packed_provenance = pack_provenance(builder, provenance);
  builder.Finish(
      format::CreateModel(builder, name, needs, segments, packed_vocabularies, tables, sequences, features, interests,
                          mlps, tower, head, network.compute, packed_golden, packed_provenance, version),
      format::ModelIdentifier());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace dinghy::converter
