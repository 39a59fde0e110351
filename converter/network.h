// The plain description of a network that presets build and the writer stores: schema/model.fbs with the numbers in it.
// The words, the meaning of every knob and the formulas are those of the schema; enums are the schema's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/tensor.h"
#include "model_generated.h"

namespace dinghy::converter {

/// A dense matrix [rows][cols] in memory, in double until the writer rounds it once.
struct Matrix {
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<double> values;  // row-major

  double& at(std::size_t row, std::size_t col) { return values[row * cols + col]; }
  double at(std::size_t row, std::size_t col) const { return values[row * cols + col]; }
};

using Vector = std::vector<double>;

struct Activation {
  format::ActivationKind kind = format::ActivationKind::identity;
  double slope = 0;
  double epsilon = 0;
  Vector scale, shift;  // gate
  Vector alpha;         // gate, row_gate, prelu: one per channel; prelu_position: [positions][channels], row-major
};

/// y = activation(x * weight + bias)
struct Layer {
  Matrix weight;  // [in][out]
  Vector bias;    // empty: none
  Activation activation;
};

struct Vocabulary {
  std::string name;
  std::vector<std::pair<std::int64_t, std::uint64_t>> int64_rows;  // raw id -> row
  std::vector<std::pair<std::string, std::uint64_t>> string_rows;
};

struct Table {
  std::string name;
  Tensor source;  // [rows][width]; streamed by the writer
  format::Encoding encoding = format::Encoding::f32;
  format::ScaleType scale_type = format::ScaleType::none;  // of i8 and i4
  std::int64_t first_id = 0;
  int vocabulary = -1;  // index in Network::vocabularies
  format::IdHash hash = format::IdHash::none;
  std::uint64_t hash_buckets = 0;
  format::MissingId missing = format::MissingId::fail;
  std::uint64_t missing_row = 0;
  Vector column_sizes = {};       // empty: ones; of models in integers (quantization/column_sizes.h)
  std::uint64_t remote_rows = 0;  // not 0: `source` has some of so many rows (remote/remote_tables.h)
  std::uint64_t remote_version = 0;
};

struct Feature {
  std::string name;
  format::Role role = format::Role::candidate;
  format::FeatureKind kind = format::FeatureKind::id;
  std::uint32_t width = 0;
  int sequence = -1;
  int table = -1;
  int history_table = -1;
  format::Pooling pooling = format::Pooling::sum;
  std::uint32_t dense_width = 0;
  std::optional<Layer> projection;
  std::int64_t pad_row = -1;
  std::int64_t pad_id = 0;
  Vector pad_vector;  // dense, in a history; empty: zeros
};

struct Sequence {
  std::string name = "history";
  std::uint32_t max_length = 0;
  format::Keep keep = format::Keep::last;
  format::Mask mask = format::Mask::length;
  format::PadSide pad_side = format::PadSide::right;
};

struct Field {
  std::uint32_t query;
  std::uint32_t key;
};

struct Interest {
  std::string name = "interest";
  std::uint32_t sequence = 0;
  std::vector<Field> fields;
  std::vector<Layer> query_layers;
  format::Score score = format::Score::mlp;
  std::vector<Layer> layers;  // first weight: rows in the order q, k, q-k, q*k
  double scale = 1;
  format::Normalizer normalizer = format::Normalizer::softmax;
  format::Pooling pooling = format::Pooling::sum;
  format::Pads pads = format::Pads::excluded;
  std::uint32_t pad_to = 0;
  format::EmptyHistory empty = format::EmptyHistory::zero;
  std::vector<Layer> post_layers;
};

struct Operand {
  format::Source source = format::Source::feature;
  std::uint32_t index = 0;
  std::uint32_t begin = 0;
  std::uint32_t width = 0;
  std::uint32_t pad_to = 0;
};

struct Part {
  Operand operand;
  std::optional<Operand> times;
};

struct Mlp {
  std::string name;
  std::vector<Part> parts;
  std::vector<Layer> layers;
};

struct Bias {
  std::uint32_t feature;
  std::uint32_t table;
};

struct Head {
  std::uint8_t positive_class = 0;
  format::Link link = format::Link::sigmoid;
  double scale = 1, shift = 0, offset = 0;
  std::vector<Bias> biases;
};

/// The whole network. `tower_parts` stand in the order of the first tower layer's rows; the writer moves the parts of
/// user and context to the front, with their rows.
struct Network {
  std::string name;
  std::string version;             // which training of the model this is; empty where nobody said
  std::vector<std::string> needs;  // for format::Model::needs, besides those that the writer sees in the network
  std::vector<Vocabulary> vocabularies;
  std::vector<Table> tables;
  std::vector<Sequence> sequences;
  std::vector<Feature> features;
  std::vector<Interest> interests;
  std::vector<Mlp> mlps;
  std::vector<Part> tower_parts;
  std::vector<Layer> tower;
  Head head;
  format::Compute compute = format::Compute::f32;  // of the attention
};

}  // namespace dinghy::converter
