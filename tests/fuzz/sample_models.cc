#include "tests/fuzz/sample_models.h"

#include <stdexcept>

#include "converter/golden/request_packer.h"
#include "dinghy/scorer.h"
#include "tests/engine/device_network.h"
#include "tests/engine/random_network.h"
#include "tests/engine/vocabulary_network.h"
#include "tests/fuzz/drawn_columns.h"

namespace dinghy::fuzz {
namespace {

using namespace format;
using tests::Shape;

std::vector<Shape> sample_shapes() {
  return {
      {},
      {.query_layer = true, .post_layer = true, .two_interests = true, .history_sums = true, .products = true},
      {.empty = EmptyHistory::pad_row, .dense_and_bag = true, .biases = true, .mlps = true, .own_keys = true},
      {.mask = Mask::every_id, .dense_and_bag = true, .encoded = true, .logits = 2, .positive_class = 1},
      {.normalizer = Normalizer::raw, .pads = Pads::attend, .pad_to = 12, .max_length = 12},
      {.pads = Pads::denominator, .pad_to = 30, .score = Score::dot, .narrow_query = true},
      {.normalizer = Normalizer::sigmoid, .pads = Pads::zero_logit, .pad_to = 9, .keep = Keep::first, .max_length = 9},
      {.attention_activation = ActivationKind::prelu_position,
       .pads = Pads::attend,
       .pad_to = 12,
       .max_length = 12,
       .pad_side = PadSide::left,
       .positions = 12},
      // Far longer than the other interest and than any history: what is as long for all of them shows.
      {.attention = {2},
       .attention_activation = ActivationKind::prelu_position,
       .max_length = 16000,
       .positions = 16000,
       .two_interests = true,
       .mixed_interests = true},
      {.attention_activation = ActivationKind::row_gate, .pooling = Pooling::mean, .empty = EmptyHistory::reject},
      {.field_widths = {9, 4}, .compute = Compute::int16},
      {.mask = Mask::all_ids, .compute = Compute::int8},
      {.field_widths = {17, 1, 3}, .attention = {33, 20, 9, 5}, .tower = {7}, .mask = Mask::first_id},
      {.narrow_query = true,
       .two_interests = true,
       .history_sums = true,
       .own_keys = true,
       .mixed_fields = true,
       .content = true,
       .own_history = true,
       .mixed_interests = true,
       .no_bias = true,
       .identity_link = true},
  };
}

/// A column of the history alone, far wider than all others. The tower takes a few numbers of sums and means of it.
void add_wide_sums(converter::Network& network) {
  constexpr std::uint32_t kWidth = 1 << 12, kTaken = 3;
  converter::Table table;
  table.name = "wide";
  table.source = tests::random_tensor("wide", 2, kWidth);
  table.encoding = Encoding::i8;
  table.scale_type = ScaleType::f32;
  table.missing = MissingId::zero;
  network.tables.push_back(table);
  converter::Feature feature;
  feature.name = "wide";
  feature.role = format::Role::history;
  feature.width = kWidth;
  feature.sequence = 0;
  feature.history_table = static_cast<int>(network.tables.size() - 1);
  network.features.push_back(feature);
  const auto number = static_cast<std::uint32_t>(network.features.size() - 1);
  converter::Matrix& weight = network.tower.front().weight;
  for (const Source source : {Source::history_sum, Source::history_mean}) {
    for (const std::uint32_t pad_to : {0, 40}) {
      network.tower_parts.push_back({{source, number, 7, kTaken, pad_to}, {}});
      weight.rows += kTaken;
    }
  }
  weight.values.resize(weight.rows * weight.cols, 0.25);
}

std::vector<converter::Network> sample_networks() {
  std::vector<converter::Network> networks;
  for (const Shape& shape : sample_shapes()) networks.push_back(tests::random_network(shape));
  networks.push_back(tests::network_with(tests::numbered(tests::item_keys())));
  std::vector<std::int64_t> keys;
  for (std::int64_t row = 0; row < tests::kItems; ++row) keys.push_back(row * row - 3);
  networks.push_back(tests::network_with(tests::numbered(keys), MissingId::zero));
  for (const MissingId missing : {MissingId::zero, MissingId::row, MissingId::clamp}) {
    networks.push_back(tests::random_network({.dense_and_bag = true, .biases = true, .encoded = true}));
    for (converter::Table& table : networks.back().tables) table.missing = missing;
  }
  networks.push_back(tests::random_network({}));
  for (converter::Table& table : networks.back().tables) {
    table.hash = IdHash::farmhash64_decimal_keep_zero;
    table.hash_buckets = static_cast<std::uint64_t>(table.source.shape[0]);
  }
  for (std::size_t n = 0; n < networks.size(); n += 2) add_wide_sums(networks[n]);
  for (const Mask mask : {Mask::length, Mask::every_id}) {
    const converter::Network network =
        tests::random_network({.mask = mask, .dense_and_bag = true, .biases = true, .encoded = true});
    const tests::AlignedBytes whole(tests::ModelFile(network).bytes());
    networks.push_back(tests::device_network(network, *dinghy::Model::from_memory(whole.span()), kSoundIds));
  }
  return networks;
}

/// Two requests with the scores of `reference`.
converter::GoldenRows golden_rows(const dinghy::Model& model) {
  converter::RequestPacker packer;
  tests::Random random(1);
  for (std::uint32_t line = 1; line <= 2; ++line) {
    const std::size_t rows = 2 * line, length = 4 * line;
    const DrawnColumns features(model, Side::user, 1, 0, random), history(model, Side::history, length, 0, random);
    const DrawnColumns candidates(model, Side::candidates, rows, 0, random);
    auto user = UserState::create(model, {.max_history = length, .isa = "reference"});
    auto scorer = Scorer::create(model, {.max_candidates = rows, .max_history = length, .isa = "reference"});
    std::vector<float> scores(rows);
    if (!user.ok() || !scorer.ok() || !user->set(features.columns(), history.columns()).ok() ||
        !scorer->score(*user, candidates.columns(), scores).ok()) {
      throw std::logic_error("a sample model refuses a sound request");
    }
    const std::vector<double> expected(scores.begin(), scores.end());
    packer.add({.line = line,
                .features = features.columns(),
                .history = history.columns(),
                .candidates = candidates.columns(),
                .scores = expected});
  }
  return {.lines = "{}\n{}\n", .count = 2, .columns = packer.finish(), .tolerance = {}};
}

}  // namespace

const std::vector<tests::AlignedBytes>& sample_models() {
  static const std::vector<tests::AlignedBytes> models = [] {
    std::vector<tests::AlignedBytes> files;
    for (const converter::Network& network : sample_networks()) {
      const tests::AlignedBytes bare(tests::ModelFile(network).bytes());
      files.emplace_back(tests::ModelFile(network, golden_rows(*dinghy::Model::from_memory(bare.span()))).bytes());
    }
    return files;
  }();
  return models;
}

}  // namespace dinghy::fuzz
