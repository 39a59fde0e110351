#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstring>
#include <functional>
#include <limits>
#include <string>

#include "converter/network.h"
#include "engine/format/file.h"
#include "engine/network/network.h"
#include "schema/hash.h"
#include "schema/header.h"
#include "tests/engine/aligned_bytes.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

/// The bytes of a model file, to be damaged. The metadata's hash is set right again before every use, so that what is
/// tested is the check of the field, not of the hash.
class Bytes {
 public:
  explicit Bytes(const Shape& shape = {.dense_and_bag = true, .biases = true}) : bytes_(ModelFile(shape).bytes()) {}

  format::Model& model() { return *flatbuffers::GetMutableRoot<format::Model>(bytes_.data() + format::kHeaderSize); }
  AlignedBytes& raw() { return bytes_; }

  Result<Model> open() {
    std::uint64_t size = 0;
    std::memcpy(&size, bytes_.data() + 16, sizeof size);
    const auto* const metadata = reinterpret_cast<const unsigned char*>(bytes_.data()) + format::kHeaderSize;
    const std::uint64_t hash = format::fnv1a64(metadata, size);
    std::memcpy(bytes_.data() + 32, &hash, sizeof hash);
    return Model::from_memory(bytes_.span());
  }

 private:
  AlignedBytes bytes_;
};

/// The element of a FlatBuffer that a const accessor gives, for writing.
template <class T>
T& writable(const T* element) {
  return const_cast<T&>(*element);
}

/// Overwrites a scalar field in place; the field must be present in the buffer (not its default).
template <class T>
void set(const flatbuffers::Table& table, flatbuffers::voffset_t field, T value) {
  auto* const address = const_cast<std::uint8_t*>(table.GetAddressOf(field));
  REQUIRE(address != nullptr);
  std::memcpy(address, &value, sizeof value);
}

template <class T>
const flatbuffers::Table& as_table(const T& object) {
  return reinterpret_cast<const flatbuffers::Table&>(object);
}

struct Damage {
  const char* what;  // must stand in the message
  std::function<void(format::Model&)> apply;
};

}  // namespace

TEST_CASE("open: a sound file opens, from the file system and from memory") {
  Bytes bytes;
  const auto model = bytes.open();
  INFO(model.status().message());
  CHECK(model.ok());
  CHECK(model->name() == "random");
}

TEST_CASE("open: every field out of range is refused with its name") {
  using format::EmbeddingTable;
  using format::Feature;
  using format::Interest;
  using format::Segment;
  using format::Tensor;
  const Damage damages[] = {
      {"segments[1]", [](auto& m) { set<std::uint64_t>(as_table(*m.segments()->Get(1)), Segment::VT_OFFSET, 4097); }},
      {"segments[1]", [](auto& m) { set<std::uint64_t>(as_table(*m.segments()->Get(1)), Segment::VT_OFFSET, 0); }},
      {"segments[2]",
       [](auto& m) { set<std::uint64_t>(as_table(*m.segments()->Get(2)), Segment::VT_OFFSET, UINT64_MAX - 4095); }},
      {"segments[1]",
       [](auto& m) { set<std::uint64_t>(as_table(*m.segments()->Get(1)), Segment::VT_SIZE, UINT64_MAX); }},
      {"segments[1]", [](auto& m) { set<std::uint8_t>(as_table(*m.segments()->Get(1)), Segment::VT_KIND, 99); }},
      {"tables[0]", [](auto& m) { set<std::uint64_t>(as_table(*m.tables()->Get(0)), EmbeddingTable::VT_ROWS, 21); }},
      {"tables[0]", [](auto& m) { set<std::uint64_t>(as_table(*m.tables()->Get(0)), EmbeddingTable::VT_ROWS, 0); }},
      {"overflows",
       [](auto& m) { set<std::uint64_t>(as_table(*m.tables()->Get(0)), EmbeddingTable::VT_ROWS, UINT64_MAX / 4); }},
      {"tables[0]",
       [](auto& m) { set<std::uint32_t>(as_table(*m.tables()->Get(0)), EmbeddingTable::VT_ROW_STRIDE, 16); }},
      {"tables[0]", [](auto& m) { set<std::uint32_t>(as_table(*m.tables()->Get(0)), EmbeddingTable::VT_WIDTH, 0); }},
      {"width", [](auto& m) { set<std::uint32_t>(as_table(*m.tables()->Get(0)), EmbeddingTable::VT_WIDTH, 4); }},
      {"tables[0]",
       [](auto& m) { set<std::uint32_t>(as_table(*m.tables()->Get(0)), EmbeddingTable::VT_SEGMENT, 1000); }},
      {"features[1]", [](auto& m) { set<std::int32_t>(as_table(*m.features()->Get(1)), Feature::VT_TABLE, 1000); }},
      {"features[1]", [](auto& m) { set<std::int32_t>(as_table(*m.features()->Get(1)), Feature::VT_TABLE, -2); }},
      {"features[2]", [](auto& m) { set<std::int32_t>(as_table(*m.features()->Get(2)), Feature::VT_SEQUENCE, 7); }},
      {"features[2]",
       [](auto& m) { set<std::int32_t>(as_table(*m.features()->Get(2)), Feature::VT_HISTORY_TABLE, 0); }},
      {"pad_row", [](auto& m) { set<std::int64_t>(as_table(*m.features()->Get(2)), Feature::VT_PAD_ROW, kItems); }},
      {"features[2]", [](auto& m) { set<std::uint32_t>(as_table(*m.features()->Get(2)), Feature::VT_WIDTH, 9); }},
      {"fields[0]",
       [](auto& m) {
         set<std::uint32_t>(as_table(*m.interests()->Get(0)->fields()->Get(0)), format::Field::VT_QUERY, 1000);
       }},
      {"fields[0]",
       [](auto& m) {
         set<std::uint32_t>(as_table(*m.interests()->Get(0)->fields()->Get(0)), format::Field::VT_KEY, 1);
       }},
      {"layers[0]",
       [](auto& m) {
         set<std::uint32_t>(as_table(*m.interests()->Get(0)->layers()->Get(0)->weight()), Tensor::VT_ROWS, 47);
       }},
      {"layers[0]",
       [](auto& m) {
         set<std::uint32_t>(as_table(*m.interests()->Get(0)->layers()->Get(0)->weight()), Tensor::VT_COLS, 0);
       }},
      {"layers[0]",
       [](auto& m) {
         set<std::uint32_t>(as_table(*m.interests()->Get(0)->layers()->Get(0)->weight()), Tensor::VT_STRIDE, 1u << 31);
       }},
      {"layers[1]",
       [](auto& m) {
         set<std::uint64_t>(as_table(*m.interests()->Get(0)->layers()->Get(1)->weight()), Tensor::VT_OFFSET, 1);
       }},
      {"layers[1]",
       [](auto& m) {
         set<std::uint64_t>(as_table(*m.interests()->Get(0)->layers()->Get(1)->weight()), Tensor::VT_OFFSET,
                            std::uint64_t{1} << 40);
       }},
      {"alpha",
       [](auto& m) {
         set<std::uint32_t>(as_table(*m.interests()->Get(0)->layers()->Get(0)->activation()->alpha()), Tensor::VT_COLS,
                            15);
       }},
      {"activation",
       [](auto& m) {
         set<std::uint8_t>(as_table(*m.interests()->Get(0)->layers()->Get(0)->activation()),
                           format::Activation::VT_KIND, 200);
       }},
      {"1 positions, but histories of 0",
       [](auto& m) {
         set<std::uint8_t>(as_table(*m.interests()->Get(0)->layers()->Get(0)->activation()),
                           format::Activation::VT_KIND, 8);
       }},
      {"normalizer", [](auto& m) { set<std::uint8_t>(as_table(*m.interests()->Get(0)), Interest::VT_NORMALIZER, 77); }},
      {"parts[0]",
       [](auto& m) {
         set<std::uint32_t>(as_table(*m.tower()->parts()->Get(0)->operand()), format::Operand::VT_WIDTH, 1u << 30);
       }},
      {"parts",
       [](auto& m) {
         set<std::uint32_t>(as_table(*m.tower()->parts()->Get(1)->operand()), format::Operand::VT_INDEX, 500);
       }},
      {"biases[1]",
       [](auto& m) { set<std::uint32_t>(as_table(*m.head()->biases()->Get(1)), format::Bias::VT_TABLE, 0xffffffffu); }},
      {"biases[1]",
       [](auto& m) {
         set<std::uint32_t>(as_table(*m.head()->biases()->Get(1)), format::Bias::VT_FEATURE, 0xffffffffu);
       }},
      {"scale",
       [](auto& m) {
         set<float>(as_table(*m.head()), format::Head::VT_SCALE, std::numeric_limits<float>::quiet_NaN());
       }},
  };
  for (const Damage& damage : damages) {
    Bytes bytes;
    damage.apply(bytes.model());
    const auto model = bytes.open();
    CAPTURE(damage.what, model.status().message());
    CHECK_FALSE(model.ok());
    CHECK(std::string(model.status().message()).find(damage.what) != std::string::npos);
  }
}

TEST_CASE("open: a NaN among the dense weights is refused") {
  Bytes bytes;
  const auto& tensor = *bytes.model().tower()->layers()->Get(0)->weight();
  const std::uint64_t place = bytes.model().segments()->Get(tensor.segment())->offset() + tensor.offset();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.raw().data() + place, &nan, sizeof nan);
  const auto model = bytes.open();
  CHECK(model.status().code() == Code::bad_file);
  CHECK(std::string(model.status().message()).find("tower layers[0]") != std::string::npos);
}

TEST_CASE("open: a file cut anywhere is refused") {
  const AlignedBytes whole(ModelFile(Shape{}).bytes());
  for (std::size_t size = 0; size < whole.size(); size += size < 3000 ? 1 : 511) {
    AlignedBytes cut(std::vector<std::byte>(whole.data(), whole.data() + size));
    CHECK_FALSE(Model::from_memory(cut.span()).ok());
  }
}

TEST_CASE("open: bytes behind the end are refused") {
  auto bytes = ModelFile(Shape{}).bytes();
  bytes.push_back(std::byte{0});
  AlignedBytes longer(bytes);
  CHECK(Model::from_memory(longer.span()).status().code() == Code::bad_file);
}

TEST_CASE("open: any changed byte of header or metadata is noticed") {
  const AlignedBytes whole(ModelFile(Shape{}).bytes());
  std::uint64_t metadata = 0;
  std::memcpy(&metadata, whole.data() + 16, sizeof metadata);
  for (std::size_t i = 0; i < format::kHeaderSize + metadata; ++i) {
    if (i >= 40 && i < format::kHeaderSize) continue;  // reserved
    AlignedBytes changed = whole;
    changed.data()[i] ^= std::byte{0x10};
    CAPTURE(i);
    CHECK_FALSE(Model::from_memory(changed.span()).ok());
  }
}

TEST_CASE(
    "open: with the hash set right again, a changed metadata byte opens or is refused, and what opens can be scored") {
  const Shape shape =
      GENERATE(Shape{.two_interests = true, .history_sums = true, .dense_and_bag = true, .biases = true, .mlps = true},
               Shape{.attention_activation = format::ActivationKind::prelu_position,
                     .pads = format::Pads::attend,
                     .pad_to = 12,
                     .max_length = 12,
                     .positions = 12});
  const Bytes whole(shape);
  const ModelFile file(shape);
  const Model sound = file.open();
  const Request request = random_request(sound, 5, 9, 1);
  Bytes copy = whole;
  std::uint64_t metadata = 0;
  std::memcpy(&metadata, copy.raw().data() + 16, sizeof metadata);
  std::size_t opened = 0;
  for (std::size_t i = format::kHeaderSize; i < format::kHeaderSize + metadata; ++i) {
    for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
      Bytes bytes = whole;
      bytes.raw().data()[i] ^= static_cast<std::byte>(flip);
      const auto model = bytes.open();
      if (!model.ok()) continue;
      ++opened;
      auto user = UserState::create(*model, {.max_history = 20});
      auto scorer = Scorer::create(*model, {.max_candidates = 10, .max_history = 20});
      if (!user.ok() || !scorer.ok() || model->features().size() != sound.features().size()) continue;
      // Numbers of features are as before, their names may not be: the columns are made for the sound model.
      if (!user->set(request.user.columns(sound), request.history.columns(sound)).ok()) continue;
      std::vector<float> scores(5);
      (void)scorer->score(*user, request.candidates.columns(sound), scores).ok();
    }
  }
  CHECK(opened > 0);
}

TEST_CASE("open: what is no file at all gets an error") {
  CHECK(Model::open("/nonexistent/model.dinghy").status().code() == Code::io_error);
  CHECK(Model::open("/").status().code() == Code::bad_file);
  CHECK(Model::open("/dev/null").status().code() == Code::bad_file);
  AlignedBytes text(std::vector<std::byte>(1000, std::byte{'x'}));
  CHECK(Model::from_memory(text.span()).status().code() == Code::bad_file);
  CHECK(Model::from_memory(text.span().subspan(1)).status().code() == Code::invalid_argument);
}

TEST_CASE("open: a file names the abilities that an older engine would lack") {
  const auto needs_of = [](const Shape& shape) {
    const ModelFile file(shape);
    const Model model = file.open();
    std::vector<std::string> needs;
    for (const auto* need : *model.internal().file.model->needs()) needs.push_back(need->str());
    return needs;
  };
  CHECK(needs_of({}).empty());
  CHECK(needs_of({.mlps = true}) == std::vector<std::string>{"mlps"});
  CHECK(needs_of({.attention_activation = format::ActivationKind::prelu_position, .max_length = 4, .positions = 4}) ==
        std::vector<std::string>{"prelu_position"});
}

TEST_CASE("open: abilities that this engine lacks are refused by name") {
  converter::Network network = random_network({});
  network.needs = {"time_travel"};
  const auto model = Model::open(ModelFile(network).path().c_str());
  CHECK_FALSE(model.ok());
  AlignedBytes bytes(ModelFile(network).bytes());
  const auto from_memory = Model::from_memory(bytes.span());
  CHECK(from_memory.status().code() == Code::unsupported);
  CHECK(std::string(from_memory.status().message()).find("time_travel") != std::string::npos);
}

}  // namespace dinghy::tests
