#include "bench/workloads/random_network.h"

#include <cmath>
#include <random>
#include <string>

#include "converter/readers/storage.h"

namespace dinghy::bench {
namespace {

using converter::Network;
using format::ActivationKind;

/// Numbers of std::mt19937_64, whose sequence the standard fixes; std::uniform_real_distribution's it does not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}
  /// Uniform in [-range, range).
  double number(double range) { return (static_cast<double>(bits_() >> 11) * 0x1p-52 - 1) * range; }
  converter::Vector numbers(std::size_t n, double range) {
    converter::Vector x(n);
    for (double& v : x) v = number(range);
    return x;
  }

 private:
  std::mt19937_64 bits_;
};

/// In a table over 2 GB a row is the one before, moved by one number: it has as many numbers as rows.
converter::Table random_table(const std::string& name, std::int64_t rows, std::int64_t width, Random& random) {
  const bool huge = rows * width > 500'000'000;
  std::vector<float> numbers(static_cast<std::size_t>(huge ? rows + width : rows * width));
  for (float& number : numbers) number = static_cast<float>(random.number(1));
  converter::Table table;
  table.name = name;
  table.source.name = name;
  table.source.shape = {rows, width};
  table.source.strides = {huge ? 1 : width, 1};
  const std::span<const std::byte> bytes = std::as_bytes(std::span(numbers));
  table.source.storage = std::make_shared<converter::BufferStorage>(std::vector(bytes.begin(), bytes.end()));
  return table;
}

converter::Layer random_layer(std::size_t in, std::size_t out, ActivationKind kind, Random& random) {
  converter::Layer layer;
  // Of a uniform weight in [-r, r) the variance is r^2 / 3: twice that of a standard initialization, for contrast.
  layer.weight = {in, out, random.numbers(in * out, std::sqrt(6.0 / static_cast<double>(in)))};
  layer.bias = random.numbers(out, 0.2);
  layer.activation.kind = kind;
  if (kind == ActivationKind::gate) {
    layer.activation.scale = random.numbers(out, 0.5);
    for (double& scale : layer.activation.scale) scale += 1;
    layer.activation.shift = random.numbers(out, 0.3);
    layer.activation.alpha = random.numbers(out, 0.3);
  }
  return layer;
}

std::vector<converter::Layer> random_layers(std::size_t in, std::span<const std::size_t> widths, ActivationKind kind,
                                            Random& random) {
  std::vector<converter::Layer> layers;
  for (const std::size_t width : widths) {
    layers.push_back(random_layer(in, width, kind, random));
    in = width;
  }
  layers.push_back(random_layer(in, 1, ActivationKind::identity, random));
  return layers;
}

/// A feature of one id whose table has the same position among the tables.
void add_feature(Network& network, converter::Table table, format::Role role) {
  converter::Feature feature;
  feature.name = table.name;
  feature.role = role;
  feature.width = static_cast<std::uint32_t>(table.source.shape[1]);
  feature.table = static_cast<int>(network.tables.size());
  if (role == format::Role::candidate) {
    feature.sequence = 0;
    feature.history_table = feature.table;
  }
  network.tables.push_back(std::move(table));
  network.features.push_back(feature);
}

}  // namespace

converter::Network random_network(const NetworkShape& shape, std::uint64_t seed) {
  Random random(seed);
  const auto width = static_cast<std::uint32_t>(shape.width());
  Network network;
  network.name = "benchmark";
  network.sequences.emplace_back();
  add_feature(network, random_table("user", shape.users, shape.item_width, random), format::Role::user);
  add_feature(network, random_table("item", shape.items, shape.item_width, random), format::Role::candidate);
  add_feature(network, random_table("category", shape.categories, shape.category_width, random),
              format::Role::candidate);

  converter::Interest interest;
  interest.fields = {{1, 1}, {2, 2}};
  interest.layers = random_layers(4 * width, kAttentionWidths, shape.attention, random);
  interest.scale = 1 / std::sqrt(static_cast<double>(width));
  // Softmax over logits of size 1 / sqrt(width) would be flat: a trained unit has larger last weights.
  for (double& weight : interest.layers.back().weight.values) weight *= 2 * std::sqrt(static_cast<double>(width));
  network.interests = {interest};

  network.tower_parts = {{{format::Source::feature, 0, 0, shape.item_width, 0}, {}},
                         {{format::Source::feature, 1, 0, shape.item_width, 0}, {}},
                         {{format::Source::feature, 2, 0, shape.category_width, 0}, {}},
                         {{format::Source::interest, 0, 0, width, 0}, {}}};
  network.tower = random_layers(shape.item_width + 2 * width, shape.tower_widths, shape.tower, random);
  for (double& weight : network.tower.back().weight.values) weight *= 4;  // or all scores would be alike
  network.compute = shape.compute;
  return network;
}

}  // namespace dinghy::bench
