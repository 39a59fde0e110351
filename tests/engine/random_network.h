// Models for the engine's tests: networks of any shape with random numbers, written by the converter's writer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "converter/model_file/golden_rows.h"
#include "converter/network.h"
#include "dinghy/model.h"

namespace dinghy::tests {

/// The shape and the knobs of a random network. The defaults are a small DIN: a user id, item and category in the
/// candidate and the history, one interest with two hidden layers of Dice and softmax, a tower with Dice.
struct Shape {
  std::vector<std::uint32_t> field_widths = {8, 4};
  std::vector<std::size_t> attention = {16, 8};
  std::vector<std::size_t> tower = {20, 10};
  format::ActivationKind attention_activation = format::ActivationKind::gate;
  format::ActivationKind tower_activation = format::ActivationKind::gate;
  format::Normalizer normalizer = format::Normalizer::softmax;
  format::Pooling pooling = format::Pooling::sum;
  format::Pads pads = format::Pads::excluded;
  std::uint32_t pad_to = 0;
  format::EmptyHistory empty = format::EmptyHistory::zero;
  format::Score score = format::Score::mlp;
  format::Mask mask = format::Mask::length;
  format::Keep keep = format::Keep::last;
  std::uint32_t max_length = 0;
  format::PadSide pad_side = format::PadSide::right;
  std::size_t positions = 0;  // of attention_activation = prelu_position
  double scale = 1;
  bool query_layer = false;
  bool post_layer = false;
  bool narrow_query = false;   // in the last interest one field's query is another feature, narrower than its key
  bool two_interests = false;  // the second on the fields in reverse order
  bool history_sums = false;   // and their product with the candidate's fields
  bool products = false;       // interest times the candidate's fields
  bool dense_and_bag = false;  // a dense candidate feature, a projected context number, a bag of the user
  bool biases = false;         // per user and per item
  bool mlps = false;           // one of the user, one of the candidate and an interest, one of both, parts of the tower
  bool own_keys = false;       // the first field's key is a column of the history alone, wider than its query
  bool mixed_fields = false;   // a bag and numbers among the fields
  bool content = false;        // projected numbers among the fields, padded with a vector; a key of the history alone
  bool own_history = false;    // of two interests, the second attends a history of its own, with fields of its own
  bool mixed_interests = false;  // of two interests, the second is a dot product with another normalizer and pooling
  bool no_bias = false;          // in the layers of the interests
  bool identity_link = false;    // with an offset
  bool encoded = false;          // tables in f16, i8 with f32 and with f16 scales, i4, in turn
  format::Compute compute = format::Compute::f32;
  std::size_t logits = 1;
  std::uint8_t positive_class = 0;
  std::uint64_t seed = 1;
};

inline constexpr std::int64_t kUsers = 20, kItems = 50, kTags = 12;
inline constexpr std::int64_t kKinds = 12;  // of the fields 1 and 3: few enough to make them coarse

/// The rows of a feature's table: ids from 0 on have them.
std::int64_t rows_of(std::string_view feature);

converter::Network random_network(const Shape& shape);

/// A table's tensor of these numbers.
converter::Tensor tensor_of(const std::string& name, std::int64_t rows, std::int64_t width, std::vector<float> numbers);

/// A table's tensor of random numbers up to `range`, for tests that exchange one.
converter::Tensor random_tensor(const std::string& name, std::int64_t rows, std::int64_t width, double range = 1);

/// Writes the network to a new file in the system's temporary folder; the file goes with the object.
class ModelFile {
 public:
  explicit ModelFile(const converter::Network& network, const converter::GoldenRows& golden = {});
  explicit ModelFile(const Shape& shape) : ModelFile(random_network(shape)) {}
  ModelFile(const ModelFile&) = delete;
  ModelFile& operator=(const ModelFile&) = delete;
  ~ModelFile();

  const std::string& path() const { return path_; }
  /// Opens it; fails the test when that fails.
  Model open() const;
  std::vector<std::byte> bytes() const;

 private:
  std::string path_;
};

}  // namespace dinghy::tests
