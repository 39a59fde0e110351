// A model: the metadata of a file, checked and resolved once (read.h) into plain structs with pointers to the numbers
// where they lie in the file.
//
// Vectors of features live in four kinds of rows, and every part of the network names its place in one of them:
//   user row       [user and context features …, sums over the history and MLPs of those …]   one per user state
//   candidate row  [candidate features …]                                                      one per candidate
//   behaviour row  [columns of the history …]                                                  one per behaviour
//   row of results [interests …, MLPs that take some of what a candidate changes …]            one per candidate
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dinghy/model.h"
#include "engine/format/file.h"
#include "engine/kernels/integer_kernels.h"
#include "engine/kernels/kernel_table.h"
#include "engine/left_out.h"
#include "engine/memory/arena.h"
#include "engine/memory/array.h"
#include "engine/platform/mapped_file.h"
#include "schema/hash.h"

namespace dinghy::network {

using kernels::Activation;
using kernels::Layer;
using kernels::Output;

/// Floats of a row, rounded up so that rows of vectors start on a cache line.
constexpr std::size_t padded(std::size_t floats) noexcept { return (floats + 15) / 16 * 16; }

struct Vocabulary {
  format::KeyType key_type = format::KeyType::int64;
  const std::byte* slots = nullptr;
  std::uint64_t capacity = 0;  // a power of two
  std::uint32_t max_probes = 0;
  const std::byte* strings = nullptr;
  std::uint64_t strings_size = 0;
};

struct Table {
  const std::byte* rows = nullptr;
  std::uint64_t count = 0;
  std::uint32_t width = 0;
  std::uint32_t row_stride = 0;  // bytes
  format::RowForm form = format::RowForm::f32;
  std::int64_t first_id = 0;
  const Vocabulary* vocabulary = nullptr;
  format::IdHash hash = format::IdHash::none;
  std::uint64_t hash_buckets = 0;
  format::MissingId missing = format::MissingId::fail;
  std::uint64_t missing_row = 0;
  const float* column_sizes = nullptr;  // [width] positive; null: ones

  // Of a remote table the file has some rows only, those of its vocabulary. The others come with the calls.
  std::uint64_t remote_rows = 0;     // of the whole table; 0: it is not remote
  std::uint64_t remote_version = 0;  // which a block of its rows has to name

  bool is_remote() const noexcept { return kHasRemote && remote_rows > 0; }
  /// How many different rows the table has, wherever they are.
  std::uint64_t all_rows() const noexcept { return is_remote() ? remote_rows : count; }
};

struct Feature {
  format::Role role = format::Role::user;
  format::FeatureKind kind = format::FeatureKind::id;
  std::uint32_t width = 0;
  int sequence = -1;
  const Table* table = nullptr;
  const Table* history_table = nullptr;
  format::Pooling pooling = format::Pooling::sum;
  std::uint32_t dense_width = 0;
  bool projected = false;
  Layer projection;
  std::int64_t pad_row = -1;
  const float* pad_vector = nullptr;  // dense, in a history: [width]; null for zeros
  std::int64_t pad_id = 0;
  std::size_t offset = 0;          // in the user row or the candidate row
  std::uint32_t column = 0;        // position in Sequence::features
  std::size_t history_offset = 0;  // in the behaviour row of its sequence
  mutable std::atomic<std::uint64_t> missing_ids{0};
};

struct Sequence {
  std::uint32_t max_length = 0;
  format::Keep keep = format::Keep::last;
  format::Mask mask = format::Mask::length;
  format::PadSide pad_side = format::PadSide::right;
  Array<std::uint32_t> features;  // the columns, in the order of the behaviour row
  bool ids_only = true;           // no column is a bag or dense: rows of tables tell behaviours apart
  std::size_t width = 0;          // of the behaviour row
  std::size_t stride = 0;         // padded
};

/// A run of floats of a row.
struct Piece {
  std::size_t offset = 0;
  std::size_t width = 0;
};

/// One field of q and k: the candidate feature, the column of the history, and where the field begins in k.
struct Field {
  std::uint32_t query_feature = 0;
  std::uint32_t key_column = 0;  // position in Sequence::features
  std::uint32_t begin = 0;
  std::uint32_t width = 0;  // in k
  bool is_id = false;       // on both sides: rows of tables tell its values apart
};

/// Some fields of an interest, in the order of k.
struct FieldGroup {
  std::span<const std::uint32_t> fields;  // positions in Interest::fields
  std::size_t width = 0;                  // of all of them
  bool in_one_piece = true;               // of k: nothing lies between two of them

  // Where the model computes in integers (network/integer_layers.h): the fields' rows of the two weights that are
  // folded, times how large the numbers of their columns are, in panels (kernels::IntegerFold); one over those sizes,
  // for the keys.
  std::size_t rows = 0;  // of the weights: width, in whole words
  const float* keys_weight = nullptr;
  const float* product_weight = nullptr;
  const float* key_factor = nullptr;  // [padded width], zeros behind the last
};

/// The weight of a hidden layer in integers (kernels::IntegerLayer, which points here).
struct IntegerWeight {
  Array<std::int32_t> words;
  Array<float> scale;
  Array<std::int32_t> sums;
  Array<float> factor;
};

/// A local activation unit with its pooled result.
struct Interest {
  std::uint32_t sequence = 0;
  Array<Field> fields;          // in the order of q and k
  Array<Piece> query;           // pieces of the candidate row, in the order of q
  Array<Piece> keys;            // pieces of the behaviour row, in the order of k
  std::size_t query_width = 0;  // before query_layers
  std::size_t width = 0;        // of k, and of q where they meet
  std::size_t stride = 0;       // padded
  Array<Layer> query_layers;
  // Every field lies in q where it lies in k, so that a piece of q tells of one field. False behind a field whose query
  // is narrower than its key, and with query layers, which mix the fields.
  bool query_by_field = false;
  format::Score score = format::Score::mlp;
  Array<Layer> layers;          // as in the paper: the first takes [q, k, q-k, q*k]
  Array<bool> by_position;      // [layers] prelu_position: alpha is that of position 0 (network/position.h)
  std::uint32_t positions = 0;  // of the padded history, where a layer depends on them; else 0
  float scale = 1;
  format::Normalizer normalizer = format::Normalizer::softmax;
  format::Pooling pooling = format::Pooling::sum;
  format::Pads pads = format::Pads::excluded;
  std::uint32_t pad_to = 0;
  format::EmptyHistory empty = format::EmptyHistory::zero;
  Array<Layer> post_layers;
  std::size_t result_width = 0;
  std::size_t result_offset = 0;  // in the row of results

  // The sums of the first layer take the coarse fields first, then the fine ones (network/coarse_fields.h).
  FieldGroup all, fine, coarse;
  bool ids_only = false;                // all fields are ids: rows of tables tell behaviours, and queries, apart
  Array<std::uint32_t> grouped_fields;  // what they point to

  // The folded first layer (docs/design.md): z = q * query_weight + k * (keys_weight + diag(q) * product_weight) +
  // bias.
  const float* query_weight = nullptr;    // Wa + Wc, [width][stride of the first layer]
  const float* keys_weight = nullptr;     // Wb - Wc
  const float* product_weight = nullptr;  // Wd, where it lies in the file
  Array<Layer> hidden;  // all but the last layer; a unit of one layer has one hidden layer without activation
  Output output;
  Array<IntegerWeight> integer_weights;         // [hidden] where the model computes in integers, else empty; the first
  Array<kernels::IntegerLayer> integer_layers;  // has none: it is folded first

  /// Where the keys are one piece of the behaviour row, or q one piece of the candidate row, nothing is copied.
  bool keys_contiguous() const noexcept { return keys.size() == 1; }
  bool query_contiguous() const noexcept { return query.size() == 1; }
};

/// Which row an operand of the tower or of an MLP is cut from.
enum class Row : std::uint8_t { user, candidate, result };

struct Operand {
  Row row = Row::user;
  std::size_t offset = 0;
  std::size_t width = 0;
};

struct Part {
  Operand operand;
  bool is_product = false;
  Operand times;
};

/// A multi-layer perceptron before the tower, on parts of its own. Its result goes into the user row where no candidate
/// changes it, else into the row of results.
struct Mlp {
  Array<Part> parts;
  std::size_t width = 0;  // floats of all parts
  Array<Layer> layers;
  bool of_user = false;
  std::size_t offset = 0;  // of the result in its row

  std::size_t result_width() const noexcept { return layers[layers.size() - 1].out; }
};

/// A sum or mean over the history that the tower takes: it goes into the user row.
struct HistorySum {
  std::uint32_t feature = 0;
  bool mean = false;
  std::uint32_t pad_to = 0;
  std::size_t offset = 0;  // in the user row
};

struct Bias {
  std::uint32_t feature = 0;
  const Table* table = nullptr;
};

struct Tower {
  Array<Part> parts;
  std::size_t user_parts = 0;  // the first ones, which no candidate changes
  std::size_t user_width = 0;  // floats of those
  std::size_t width = 0;       // floats of all
  Array<Layer> layers;         // as in the file, the last gives the logits

  Array<Layer> hidden;  // all but the last layer, as in Interest
  Output output;        // one logit; of two logits the difference, positive class first
};

struct Head {
  std::uint8_t positive_class = 0;
  format::Link link = format::Link::sigmoid;
  float scale = 1, shift = 0, offset = 0;
  Array<Bias> biases;
};

struct Model {
  std::atomic<std::uint32_t> references{1};
  platform::MappedFile mapping;
  format::File file;
  format::Compute compute = format::Compute::f32;
  kernels::Digits digits() const noexcept {  // of `compute`, where it is not f32
    return compute == format::Compute::int16 ? kernels::Digits::int16 : kernels::Digits::int8;
  }

  Array<Vocabulary> vocabularies;
  Array<Table> tables;
  Array<Sequence> sequences;
  Array<Feature> features;
  Array<Interest> interests;
  Array<HistorySum> history_sums;  // by feature, mean and pad_to
  Array<Mlp> mlps;                 // one uses only those before it
  Tower tower;
  Head head;

  std::size_t user_width = 0;       // floats of the user row
  std::size_t candidate_width = 0;  // of the candidate row
  std::size_t result_width = 0;     // of the row of results: those of interests, then of MLPs of candidates

  std::span<const std::byte> golden_columns;  // the golden rows for selftest(), unread; empty in a file without

  Array<dinghy::Feature> public_features;
  Arena owned;  // folded weights, and zeros for layers without a bias
};

/// The table that a field's keys come from; null of a column of numbers.
inline const Table* key_table(const Model& model, const Interest& interest, const Field& field) noexcept {
  return model.features[model.sequences[interest.sequence].features[field.key_column]].history_table;
}

}  // namespace dinghy::network
