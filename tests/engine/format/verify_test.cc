#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstring>
#include <string>

#include "engine/network/network.h"
#include "schema/header.h"
#include "tests/engine/changed_model.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

std::uint64_t metadata_size(const AlignedBytes& file) {
  std::uint64_t size = 0;
  std::memcpy(&size, file.data() + 16, sizeof size);
  return size;
}

}  // namespace

TEST_CASE("open: a sound file opens, from the file system, as a copy and from memory", "[format]") {
  const ModelFile file(Shape{.dense_and_bag = true, .biases = true});
  const AlignedBytes bytes(file.bytes());
  for (const auto& model :
       {Model::open(file.path().c_str()), Model::read(file.path().c_str()), Model::from_memory(bytes.span())}) {
    INFO(model.status().message());
    REQUIRE(model.ok());
    CHECK(model->name() == "random");
  }
}

TEST_CASE("open: a file cut anywhere is refused", "[format]") {
  const AlignedBytes whole(ModelFile(Shape{}).bytes());
  for (std::size_t size = 0; size < whole.size(); size += size < 3000 ? 1 : 511) {
    AlignedBytes cut(std::vector<std::byte>(whole.data(), whole.data() + size));
    CHECK_FALSE(Model::from_memory(cut.span()).ok());
  }
}

TEST_CASE("open: a file shorter than a header is said to be no model", "[format]") {
  const AlignedBytes whole(ModelFile(Shape{}).bytes());
  for (std::size_t size = 0; size < format::kHeaderSize; ++size) {
    const AlignedBytes cut(std::vector<std::byte>(whole.data(), whole.data() + size));
    const Status status = Model::from_memory(cut.span()).status();
    CHECK(std::string(status.message()) == "not a .dinghy file: it does not begin with the magic bytes");
  }
}

TEST_CASE("open: bytes behind the end are refused", "[format]") {
  auto bytes = ModelFile(Shape{}).bytes();
  bytes.push_back(std::byte{0});
  AlignedBytes longer(bytes);
  CHECK(Model::from_memory(longer.span()).status().code() == Code::bad_file);
}

TEST_CASE("open: any changed byte of header or metadata is noticed", "[format][repeats]") {
  const AlignedBytes whole(ModelFile(Shape{}).bytes());
  for (std::size_t i = 0; i < format::kHeaderSize + metadata_size(whole); ++i) {
    AlignedBytes changed = whole;
    changed.data()[i] ^= std::byte{0x10};
    CAPTURE(i);
    CHECK_FALSE(Model::from_memory(changed.span()).ok());
  }
}

TEST_CASE(
    "open: with the hash set right again, a changed metadata byte opens or is refused, and what opens can be scored",
    "[format][repeats]") {
  const Shape shape =
      GENERATE(Shape{.two_interests = true, .history_sums = true, .dense_and_bag = true, .biases = true, .mlps = true},
               Shape{.attention_activation = format::ActivationKind::prelu_position,
                     .pads = format::Pads::attend,
                     .pad_to = 12,
                     .max_length = 12,
                     .positions = 12});
  const ModelFile file(shape);
  const AlignedBytes whole(file.bytes());
  const Model sound = file.open();
  const Request request = random_request(sound, 5, 9, 1);
  std::size_t opened = 0;
  for (std::size_t i = format::kHeaderSize; i < format::kHeaderSize + metadata_size(whole); ++i) {
    for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
      AlignedBytes bytes = whole;
      bytes.data()[i] ^= static_cast<std::byte>(flip);
      set_header_right({bytes.data(), bytes.size()});
      const auto model = Model::from_memory(bytes.span());
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

TEST_CASE("open: what is no file at all gets an error", "[format]") {
  CHECK(Model::open("/nonexistent/model.dinghy").status().code() == Code::io_error);
  CHECK(Model::open("/").status().code() == Code::bad_file);
  CHECK(Model::open("/dev/null").status().code() == Code::bad_file);
  AlignedBytes text(std::vector<std::byte>(1000, std::byte{'x'}));
  CHECK(Model::from_memory(text.span()).status().code() == Code::bad_file);
  CHECK(Model::from_memory(text.span().subspan(1)).status().code() == Code::invalid_argument);
}

TEST_CASE("open: a file names the abilities that an older engine would lack", "[format]") {
  const auto needs_of = [](const auto& of) {
    const ModelFile file(of);
    const Model model = file.open();
    std::vector<std::string> needs;
    for (const auto* need : *model.internal().file.model().needs()) needs.push_back(need->str());
    return needs;
  };
  CHECK(needs_of(Shape{}).empty());
  CHECK(needs_of(Shape{.mlps = true}) == std::vector<std::string>{"mlps"});
  CHECK(needs_of(
            Shape{.attention_activation = format::ActivationKind::prelu_position, .max_length = 4, .positions = 4}) ==
        std::vector<std::string>{"prelu_position"});
  CHECK(needs_of(Shape{.mixed_fields = true}).empty());
  CHECK(needs_of(Shape{.content = true}) == std::vector<std::string>{"pad_vector"});
  converter::Network sized = random_network({.compute = format::Compute::int8});
  for (converter::Table& table : sized.tables)
    table.column_sizes.assign(static_cast<std::size_t>(table.source.shape[1]), 1);
  CHECK(needs_of(sized) == std::vector<std::string>{"column_sizes"});
  sized.compute = format::Compute::f32;
  CHECK(needs_of(sized).empty());
}

TEST_CASE("open: abilities that this engine lacks are refused by name", "[format]") {
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
