#include "tests/engine/random_network.h"

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <tuple>

#include "converter/model_file/writer.h"
#include "tests/engine/random_numbers.h"

namespace dinghy::tests {
namespace {

using converter::Network;
using format::ActivationKind;

class FloatStorage : public converter::Storage {
 public:
  explicit FloatStorage(std::vector<float> numbers) : numbers_(std::move(numbers)) {}
  std::uint64_t size() const override { return numbers_.size() * sizeof(float); }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    std::memcpy(out.data(), reinterpret_cast<const std::byte*>(numbers_.data()) + offset, out.size());
  }

 private:
  std::vector<float> numbers_;
};

converter::Tensor float_tensor(const std::string& name, std::int64_t rows, std::int64_t width, double range,
                               Random& random) {
  return tensor_of(name, rows, width, random.floats(static_cast<std::size_t>(rows * width), range));
}

int add_table(Network& network, const std::string& name, std::int64_t rows, std::int64_t width, Random& random) {
  converter::Table table;
  table.name = name;
  table.source = float_tensor(name, rows, width, 1, random);
  network.tables.push_back(table);
  return static_cast<int>(network.tables.size() - 1);
}

void encode_tables(Network& network) {
  using enum format::ScaleType;
  constexpr std::pair<format::Encoding, format::ScaleType> kForms[] = {{format::Encoding::i8, f32},
                                                                       {format::Encoding::f16, none},
                                                                       {format::Encoding::i4, f16},
                                                                       {format::Encoding::i8, f16}};
  for (std::size_t i = 0; i < network.tables.size(); ++i) {
    std::tie(network.tables[i].encoding, network.tables[i].scale_type) = kForms[i % std::size(kForms)];
  }
}

converter::Activation random_activation(ActivationKind kind, std::size_t width, Random& random, std::size_t positions) {
  converter::Activation a;
  a.kind = kind;
  if (kind == ActivationKind::leaky_relu) a.slope = 0.2;
  if (kind == ActivationKind::row_gate) a.epsilon = 1e-3;
  if (kind == ActivationKind::gate) {
    a.scale = random.doubles(width, 2);
    a.shift = random.doubles(width, 0.5);
  }
  if (kind == ActivationKind::gate || kind == ActivationKind::prelu || kind == ActivationKind::row_gate) {
    a.alpha = random.doubles(width, 0.5);
  }
  if (kind == ActivationKind::prelu_position) a.alpha = random.doubles(positions * width, 0.8);
  return a;
}

converter::Layer random_layer(std::size_t in, std::size_t out, ActivationKind kind, Random& random,
                              std::size_t positions = 0) {
  converter::Layer layer;
  layer.weight = {in, out, random.doubles(in * out, 1.5 / std::sqrt(static_cast<double>(in)))};
  layer.bias = random.doubles(out, 0.5);
  layer.activation = random_activation(kind, out, random, positions);
  return layer;
}

std::vector<converter::Layer> random_layers(std::size_t in, const std::vector<std::size_t>& widths, std::size_t last,
                                            ActivationKind kind, Random& random, std::size_t positions = 0) {
  std::vector<converter::Layer> layers;
  for (const std::size_t width : widths) {
    layers.push_back(random_layer(in, width, kind, random, positions));
    in = width;
  }
  layers.push_back(random_layer(in, last, ActivationKind::identity, random));
  return layers;
}

std::uint32_t add_id(Network& network, const std::string& name, format::Role role, int table, std::uint32_t width,
                     int sequence) {
  converter::Feature f;
  f.name = name;
  f.role = role;
  f.width = width;
  f.table = table;
  f.sequence = sequence;
  if (sequence >= 0) {
    f.history_table = table;
    f.pad_row = 0;
  }
  network.features.push_back(f);
  return static_cast<std::uint32_t>(network.features.size() - 1);
}

void add_part(Network& network, format::Source source, std::uint32_t index, std::uint32_t width,
              std::optional<converter::Operand> times = {}, std::uint32_t pad_to = 0) {
  network.tower_parts.push_back({{source, index, 0, width, pad_to}, times});
}

void add_interest(Network& network, const Shape& shape, std::vector<converter::Field> fields, Random& random) {
  converter::Interest interest;
  interest.name = "interest" + std::to_string(network.interests.size());
  interest.fields = std::move(fields);
  std::uint32_t width = 0, query_width = 0;
  for (const converter::Field& field : interest.fields) {
    width += network.features[field.key].width;
    query_width += network.features[field.query].width;
  }
  interest.sequence = static_cast<std::uint32_t>(network.features[interest.fields[0].key].sequence);
  interest.score = shape.score;
  if (shape.score == format::Score::mlp) {
    interest.layers = random_layers(4 * width, shape.attention, 1, shape.attention_activation, random, shape.positions);
    for (converter::Layer& layer : interest.layers) layer.bias.resize(shape.no_bias ? 0 : layer.bias.size());
  }
  if (shape.query_layer) interest.query_layers = {random_layer(query_width, width, ActivationKind::prelu, random)};
  interest.scale = shape.scale;
  interest.normalizer = shape.normalizer;
  interest.pooling = shape.pooling;
  interest.pads = shape.pads;
  interest.pad_to = shape.pad_to;
  interest.empty = shape.empty;
  std::uint32_t result = width;
  if (shape.post_layer) {
    result = 5;
    interest.post_layers = {random_layer(width, result, ActivationKind::identity, random)};
  }
  network.interests.push_back(interest);
  add_part(network, format::Source::interest, static_cast<std::uint32_t>(network.interests.size() - 1), result);
}

std::uint32_t add_mlp(Network& network, std::vector<converter::Part> parts, const Shape& shape, std::size_t out,
                      Random& random) {
  std::size_t in = 0;
  for (const converter::Part& part : parts) in += part.operand.width;
  converter::Mlp mlp;
  mlp.name = "mlp" + std::to_string(network.mlps.size());
  mlp.parts = std::move(parts);
  mlp.layers = random_layers(in, {7, 21}, out, shape.tower_activation, random);
  network.mlps.push_back(std::move(mlp));
  return static_cast<std::uint32_t>(network.mlps.size() - 1);
}

void add_mlps(Network& network, const Shape& shape, std::uint32_t user, const converter::Field& item, Random& random) {
  using format::Source;
  const std::uint32_t w = shape.field_widths[0];
  const converter::Operand user_id{Source::feature, user, 0, 5, 0}, sum{Source::history_sum, item.key, 0, w, 40};
  const std::uint32_t of_user = add_mlp(network, {{user_id, {}}, {sum, {}}, {sum, sum}}, shape, 6, random);
  const converter::Operand query{Source::feature, item.query, 0, w, 0}, user_mlp{Source::mlp, of_user, 1, 4, 0};
  const std::uint32_t of_candidate =
      add_mlp(network, {{query, {}}, {{Source::interest, 0, 0, 3, 0}, {}}, {query, sum}}, shape, 4, random);
  const std::uint32_t of_both = add_mlp(
      network, {{user_mlp, converter::Operand{Source::mlp, of_candidate, 0, 4, 0}}, {user_id, {}}}, shape, 3, random);
  add_part(network, Source::mlp, of_both, 3);
  add_part(network, Source::mlp, of_user, 6);  // behind a candidate's part: the writer has to move it
}

/// A bag of ids and two numbers, which the candidate and each behaviour have.
void add_mixed_fields(Network& network, std::vector<converter::Field>& fields, Random& random) {
  const int table = add_table(network, "words", kTags, 4, random);
  const std::uint32_t words = add_id(network, "words", format::Role::candidate, table, 4, 0);
  network.features[words].kind = format::FeatureKind::bag;
  network.features[words].pooling = format::Pooling::sum;
  converter::Feature size;
  size.name = "size";
  size.kind = format::FeatureKind::dense;
  size.width = size.dense_width = 2;
  size.sequence = 0;
  network.features.push_back(size);
  const auto numbers = static_cast<std::uint32_t>(network.features.size() - 1);
  fields.insert(fields.begin(), {numbers, numbers});
  fields.push_back({words, words});
}

/// Numbers through a layer, as a vector of an item's text has them: of the candidate and each behaviour, and once more
/// with a layer of the history's own.
void add_content(Network& network, std::vector<converter::Field>& fields, Random& random) {
  converter::Feature content;
  content.name = "content";
  content.kind = format::FeatureKind::dense;
  content.dense_width = 3;
  content.width = 5;
  content.sequence = 0;
  content.projection = random_layer(3, 5, ActivationKind::identity, random);
  content.pad_vector = content.projection->bias;  // padding was zeros before the layer
  const auto candidate = static_cast<std::uint32_t>(network.features.size());
  network.features.push_back(content);
  content.name = "seen_content";
  content.role = format::Role::history;
  content.projection = random_layer(3, 5, ActivationKind::identity, random);
  content.pad_vector.clear();
  network.features.push_back(content);
  fields.insert(fields.begin(), {{candidate, candidate}, {candidate, candidate + 1}});
}

/// The first field's key becomes a column that stands in the history alone.
void add_own_keys(Network& network, converter::Field& field, Random& random) {
  const std::uint32_t width = network.features[field.query].width + 2;
  const int table = add_table(network, "seen", kItems, width, random);
  field.key = add_id(network, "seen", format::Role::history, -1, width, 0);
  network.features[field.key].history_table = table;
  network.features[field.key].pad_row = -1;
}

/// A second history with an item and a category of its own.
std::vector<converter::Field> add_own_history(Network& network, const Shape& shape, Random& random) {
  network.sequences.push_back({"bought", shape.max_length, shape.keep, shape.mask, shape.pad_side});
  const int items = add_table(network, "bought", kItems, 6, random), kinds = add_table(network, "kind", 6, 3, random);
  const std::uint32_t item = add_id(network, "bought", format::Role::candidate, items, 6, 1);
  const std::uint32_t kind = add_id(network, "kind", format::Role::candidate, kinds, 3, 1);
  network.tables.back().missing = format::MissingId::clamp;  // few kinds, whatever the ids of a request
  return {{item, item}, {kind, kind}};
}

void add_second_interest(Network& network, const Shape& shape, std::vector<converter::Field> fields, Random& random) {
  Shape second = shape;
  if (shape.mixed_interests) {
    second.score = format::Score::dot;
    second.normalizer =
        shape.normalizer == format::Normalizer::raw ? format::Normalizer::softmax : format::Normalizer::raw;
    second.pooling = shape.pooling == format::Pooling::sum ? format::Pooling::mean : format::Pooling::sum;
  }
  if (shape.own_history) fields = add_own_history(network, shape, random);
  add_interest(network, second, {fields.rbegin(), fields.rend()}, random);
}

void add_dense_and_bag(Network& network, Random& random) {
  converter::Feature price;
  price.name = "price";
  price.kind = format::FeatureKind::dense;
  price.width = price.dense_width = 2;
  network.features.push_back(price);
  add_part(network, format::Source::feature, static_cast<std::uint32_t>(network.features.size() - 1), 2);

  converter::Feature hour;
  hour.name = "hour";
  hour.role = format::Role::context;
  hour.kind = format::FeatureKind::dense;
  hour.dense_width = 1;
  hour.width = 3;
  hour.projection = random_layer(1, 3, ActivationKind::identity, random);
  network.features.push_back(hour);
  add_part(network, format::Source::feature, static_cast<std::uint32_t>(network.features.size() - 1), 3);

  const int table = add_table(network, "tags", kTags, 6, random);
  const std::uint32_t tags = add_id(network, "tags", format::Role::user, table, 6, -1);
  network.features[tags].kind = format::FeatureKind::bag;
  network.features[tags].pooling = format::Pooling::mean;
  add_part(network, format::Source::feature, tags, 6);
}

}  // namespace

std::int64_t rows_of(std::string_view feature) {
  if (feature == "user") return kUsers;
  if (feature == "tags" || feature == "words") return kTags;
  return feature == "field1" || feature == "field3" ? kKinds : kItems;
}

converter::Tensor tensor_of(const std::string& name, std::int64_t rows, std::int64_t width,
                            std::vector<float> numbers) {
  converter::Tensor tensor;
  tensor.name = name;
  tensor.shape = {rows, width};
  tensor.strides = {width, 1};
  tensor.storage = std::make_shared<FloatStorage>(std::move(numbers));
  return tensor;
}

converter::Tensor random_tensor(const std::string& name, std::int64_t rows, std::int64_t width, double range) {
  Random random(static_cast<std::uint64_t>(rows * width));
  return float_tensor(name, rows, width, range, random);
}

converter::Network random_network(const Shape& shape) {
  Random random(shape.seed);
  Network network;
  network.name = "random";
  network.sequences.push_back({"history", shape.max_length, shape.keep, shape.mask, shape.pad_side});
  const std::uint32_t user =
      add_id(network, "user", format::Role::user, add_table(network, "user", kUsers, 5, random), 5, -1);
  std::vector<converter::Field> fields;
  // A candidate feature outside the history, so that q is not simply the whole candidate row.
  const std::uint32_t shop =
      add_id(network, "shop", format::Role::candidate, add_table(network, "shop", kItems, 3, random), 3, -1);
  for (std::size_t i = 0; i < shape.field_widths.size(); ++i) {
    const std::string name = i == 0 ? "item" : "field" + std::to_string(i);
    const std::uint32_t w = shape.field_widths[i];
    const int table = add_table(network, name, kItems, w, random);
    network.tables.back().source.shape[0] = rows_of(name);
    const std::uint32_t f = add_id(network, name, format::Role::candidate, table, w, 0);
    fields.push_back({f, f});
  }
  const std::vector<converter::Field> item_fields = fields;
  if (shape.own_keys) add_own_keys(network, fields.front(), random);
  if (shape.narrow_query && !shape.two_interests) fields.back().query = shop;
  if (shape.mixed_fields) add_mixed_fields(network, fields, random);
  if (shape.content) add_content(network, fields, random);
  add_interest(network, shape, fields, random);
  if (shape.narrow_query) fields[fields.size() - (shape.mixed_fields ? 2 : 1)].query = shop;
  for (const converter::Field& field : item_fields) {
    add_part(network, format::Source::feature, field.query, network.features[field.query].width);
  }
  add_part(network, format::Source::feature, user, 5);  // behind candidate parts: the writer has to move it
  add_part(network, format::Source::feature, shop, 3);
  if (shape.two_interests) add_second_interest(network, shape, fields, random);
  if (shape.products) {
    const std::uint32_t w = shape.field_widths[0];
    add_part(network, format::Source::interest, 0, std::min<std::uint32_t>(w, shape.post_layer ? 5 : w),
             converter::Operand{format::Source::feature, item_fields[0].query, 0,
                                std::min<std::uint32_t>(w, shape.post_layer ? 5 : w), 0});
  }
  if (shape.history_sums) {
    const std::uint32_t f = item_fields[0].key, w = shape.field_widths[0];
    add_part(network, format::Source::history_sum, f, w, {}, shape.pad_to);
    add_part(network, format::Source::history_mean, f, w);
    add_part(network, format::Source::history_sum, f, w, converter::Operand{format::Source::feature, f, 0, w, 0},
             shape.pad_to);
  }
  if (shape.mlps) add_mlps(network, shape, user, item_fields[0], random);
  if (shape.encoded) encode_tables(network);
  if (shape.dense_and_bag) add_dense_and_bag(network, random);
  if (shape.biases) {
    network.head.biases.push_back({user, static_cast<std::uint32_t>(add_table(network, "user_b", kUsers, 1, random))});
    network.head.biases.push_back(
        {item_fields[0].query, static_cast<std::uint32_t>(add_table(network, "item_b", kItems, 1, random))});
    network.head.scale = 0.5;
    network.head.shift = 0.25;
  }
  std::size_t input = 0;
  for (const converter::Part& part : network.tower_parts) input += part.operand.width;
  network.tower = random_layers(input, shape.tower, shape.logits, shape.tower_activation, random);
  network.head.positive_class = shape.positive_class;
  if (shape.identity_link) {
    network.head.link = format::Link::identity;
    network.head.offset = 0.125;
  }
  network.compute = shape.compute;
  return network;
}

ModelFile::ModelFile(const converter::Network& network, const converter::GoldenRows& golden) {
  static int count = 0;
  path_ = (std::filesystem::temp_directory_path() /
           ("dinghy-test-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".dinghy"))
              .string();
  converter::write_model(network, {}, golden, path_);
}

ModelFile::~ModelFile() { std::filesystem::remove(path_); }

Model ModelFile::open() const {
  auto model = Model::open(path_.c_str());
  INFO(model.status().message());
  REQUIRE(model.ok());
  return *model;
}

std::vector<std::byte> ModelFile::bytes() const {
  std::ifstream in(path_, std::ios::binary);
  const std::vector<char> chars((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::vector<std::byte> bytes(chars.size());
  std::memcpy(bytes.data(), chars.data(), chars.size());
  return bytes;
}

}  // namespace dinghy::tests
