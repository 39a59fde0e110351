#include "tests/converter/arithmetic_model.h"

#include <algorithm>
#include <cstring>

#include "converter/model_file/writer.h"
#include "converter/readers/storage.h"

namespace dinghy::converter {
namespace {

Tensor tensor(const std::string& name, std::int64_t rows, const std::vector<float>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  const auto width = static_cast<std::int64_t>(values.size()) / rows;
  return {.name = name,
          .dtype = DType::f32,
          .shape = {rows, width},
          .strides = {width, 1},
          .offset = 0,
          .storage = std::make_shared<BufferStorage>(std::move(bytes))};
}

/// Rows 0 … rows - 1, each with its number `width` times.
Table numbers(const std::string& name, int rows, int width) {
  std::vector<float> values;
  for (int i = 0; i < rows * width; ++i) values.push_back(static_cast<float>(i / width));
  Table table;
  table.name = name;
  table.source = tensor(name, rows, values);
  return table;
}

Layer layer(std::size_t in, std::size_t out, std::vector<double> weights, format::ActivationKind activation) {
  Layer layer;
  layer.weight = {in, out, std::move(weights)};
  layer.bias = Vector(out, 0);
  layer.activation.kind = activation;
  return layer;
}

Feature id_feature(const std::string& name, format::Role role, std::uint32_t width, int table) {
  Feature feature;
  feature.name = name;
  feature.role = role;
  feature.width = width;
  feature.table = table;
  return feature;
}

Part part(format::Source source, std::uint32_t index, std::uint32_t width) {
  Part part;
  part.operand.source = source;
  part.operand.index = index;
  part.operand.width = width;
  return part;
}

Interest interest_in_items() {
  Interest interest;
  interest.fields = {{.query = 2, .key = 2}};
  interest.layers = {layer(8, 2, Vector(16, 0), format::ActivationKind::sigmoid),
                     layer(2, 1, {1, 1}, format::ActivationKind::identity)};
  return interest;
}

}  // namespace

Network arithmetic_network() {
  Network network;
  network.name = "arithmetic";
  network.tables = {numbers("users", 4, 1), numbers("items", 8, 2), numbers("brands", 3, 1)};
  network.vocabularies = {{.name = "brands", .int64_rows = {}, .string_rows = {{"acme", 1}, {"zeta", 2}}}};
  network.tables[2].vocabulary = 0;
  network.tables[2].missing = format::MissingId::row;
  network.sequences = {{.name = "clicks", .max_length = 4}};
  network.features.resize(4);
  network.features[0] = id_feature("user_id", format::Role::user, 1, 0);
  network.features[1].name = "hour";
  network.features[1].role = format::Role::context;
  network.features[1].kind = format::FeatureKind::dense;
  network.features[1].width = network.features[1].dense_width = 1;
  network.features[2] = id_feature("item_id", format::Role::candidate, 2, 1);
  network.features[2].sequence = 0;
  network.features[2].history_table = 1;
  network.features[3] = id_feature("brand", format::Role::candidate, 1, 2);
  network.interests = {interest_in_items()};
  network.tower_parts = {
      part(format::Source::feature, 0, 1), part(format::Source::feature, 1, 1),  part(format::Source::feature, 2, 2),
      part(format::Source::feature, 3, 1), part(format::Source::interest, 0, 2),
  };
  network.tower = {layer(7, 1, {1. / 16, 1. / 4, 1. / 16, 0, 1. / 8, 1. / 32, 0}, format::ActivationKind::identity),
                   layer(1, 1, {1}, format::ActivationKind::identity)};
  network.head.link = format::Link::identity;
  return network;
}

void write_arithmetic_model(const std::string& path, const std::string& golden, GoldenTolerance tolerance) {
  GoldenRows rows;
  rows.lines = golden;
  rows.count = static_cast<std::uint32_t>(std::count(golden.begin(), golden.end(), '\n'));
  rows.tolerance = tolerance;
  const Provenance provenance = {.package = "arithmetic 1.0",
                                 .preset = "generic",
                                 .checkpoint = "arithmetic.npz",
                                 .checkpoint_sha256 = "00ff",
                                 .recipe = "",
                                 .converter = "dinghy test",
                                 .notes = {"softmax: assumed"}};
  write_model(arithmetic_network(), provenance, rows, path);
}

}  // namespace dinghy::converter
