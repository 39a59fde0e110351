#include "tests/fuzz/sample_models.h"

#include "tests/engine/random_network.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::fuzz {
namespace {

using namespace format;
using tests::Shape;

std::vector<Shape> sample_shapes() {
  return {
      {},
      {.query_layer = true, .post_layer = true, .two_interests = true, .history_sums = true, .products = true},
      {.empty = EmptyHistory::pad_row, .dense_and_bag = true, .biases = true, .mlps = true},
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
      {.attention_activation = ActivationKind::row_gate, .pooling = Pooling::mean, .empty = EmptyHistory::reject},
      {.field_widths = {9, 4}, .compute = Compute::int16},
      {.mask = Mask::all_ids, .compute = Compute::int8},
      {.field_widths = {17, 1, 3}, .attention = {33, 20, 9, 5}, .tower = {7}, .mask = Mask::first_id},
      {.narrow_query = true,
       .two_interests = true,
       .history_sums = true,
       .own_keys = true,
       .mixed_fields = true,
       .own_history = true,
       .mixed_interests = true,
       .no_bias = true,
       .identity_link = true},
  };
}

}  // namespace

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
  return networks;
}

const std::vector<tests::AlignedBytes>& sample_models() {
  static const std::vector<tests::AlignedBytes> models = [] {
    std::vector<tests::AlignedBytes> files;
    for (const converter::Network& network : sample_networks()) files.emplace_back(tests::ModelFile(network).bytes());
    return files;
  }();
  return models;
}

}  // namespace dinghy::fuzz
