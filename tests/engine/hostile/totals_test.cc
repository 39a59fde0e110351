// Files of a few KB that ask for much: of time when they are opened, of memory and time when they are scored.
#include <catch2/catch_test_macros.hpp>

#include "schema/header.h"
#include "tests/engine/hostile/refusal.h"

namespace dinghy::tests {
namespace {

using changeable::ModelT;
using changeable::Source;
using changeable::TensorT;

template <class Layers, class Use>
void for_each_tensor(Layers& layers, Use use) {
  for (auto& layer : layers) {
    use(*layer->weight);
    if (layer->bias) use(*layer->bias);
    if (!layer->activation) continue;
    for (auto* tensor :
         {layer->activation->scale.get(), layer->activation->shift.get(), layer->activation->alpha.get()}) {
      if (tensor) use(*tensor);
    }
  }
}

changeable::FeatureT candidate(const std::string& name, int table, std::uint32_t width) {
  changeable::FeatureT feature;
  feature.name = name;
  feature.role = changeable::Role::candidate;
  feature.table = table;
  feature.width = width;
  return feature;
}

}  // namespace

TEST_CASE("hostile: weights that all lie in one place, and cost time and memory once for each layer, are refused",
          "[hostile]") {
  ChangedModel hostile(Shape{.two_interests = true});
  std::uint64_t largest = 0;
  const auto move_to_the_front = [&](TensorT& tensor) {
    tensor.offset = 0;
    largest = std::max(largest, std::uint64_t{tensor.rows} * tensor.stride * sizeof(float));
  };
  for (auto& interest : hostile.metadata.interests) for_each_tensor(interest->layers, move_to_the_front);
  for_each_tensor(hostile.metadata.tower->layers, move_to_the_front);
  hostile.metadata.segments[0]->size = largest;
  hostile.make_weights_zero();
  check_refused(hostile.open(), "more bytes together than the dense segments");
}

TEST_CASE("hostile: rows of a request that are wider together than the tower's widest input are refused", "[hostile]") {
  converter::Network network = random_network({});
  converter::Table wide;
  wide.name = "wide";
  wide.source = random_tensor("wide", 1, 65536);
  network.tables.push_back(wide);
  const int table = static_cast<int>(network.tables.size() - 1);
  const auto add = [&](std::size_t count) {
    return [=](ModelT& m) {
      for (std::size_t i = 0; i < count; ++i) {
        m.features.push_back(
            std::make_unique<changeable::FeatureT>(candidate("wide" + std::to_string(i), table, 65536)));
      }
    };
  };
  ChangedModel sound(network);
  add(3)(sound.metadata);
  CHECK(sound.open().ok());
  check_refused(network, {{"features: their vectors are wider than 262144 together", add(4)}});
}

TEST_CASE("hostile: more interests, or wider ones, than a scorer keeps memory for are refused", "[hostile]") {
  converter::Network network = random_network({});
  network.interests.resize(257, network.interests[0]);
  check_refused(ChangedModel(network).open(), "interests: more than 256");

  network = random_network({.field_widths = {4096}, .tower = {1}, .score = format::Score::dot});
  network.interests.resize(64, network.interests[0]);
  CHECK(ChangedModel(network).open().ok());
  network.interests.resize(65, network.interests[0]);
  check_refused(ChangedModel(network).open(), "interests: their count times the widest of them");
}

TEST_CASE("hostile: a name that every other name is compared with has a bound", "[hostile]") {
  check_refused(random_network({}),
                {{"features[1] 'xxx", [](ModelT& m) { m.features[1]->name = std::string(1025, 'x'); }}});
}

TEST_CASE("hostile: a version has a bound", "[hostile]") {
  const auto of_bytes = [](std::size_t size) { return [=](ModelT& m) { m.version = std::string(size, 'x'); }; };
  check_refused(random_network({}), {{"bytes of version: more than 1024", of_bytes(1025)}});
  ChangedModel longest(random_network({}));
  of_bytes(1024)(longest.metadata);
  CHECK(longest.open().ok());
}

TEST_CASE("hostile: more parts of a kind than any model has are refused", "[hostile]") {
  check_refused(random_network({.biases = true}),
                {
                    {"tables: more than 4096",
                     [](ModelT& m) {
                       while (m.tables.size() <= 4096) {
                         m.tables.push_back(std::make_unique<changeable::EmbeddingTableT>(*m.tables[0]));
                       }
                     }},
                    {"sequences: more than 4096",
                     [](ModelT& m) {
                       while (m.sequences.size() <= 4096) {
                         m.sequences.push_back(std::make_unique<changeable::SequenceT>(*m.sequences[0]));
                       }
                     }},
                    {"head biases: too many",
                     [](ModelT& m) {
                       auto& biases = m.head->biases;
                       while (biases.size() <= 4096) biases.push_back(std::make_unique<changeable::BiasT>(*biases[0]));
                     }},
                    {"no fields, or too many",
                     [](ModelT& m) {
                       auto& fields = m.interests[0]->fields;
                       while (fields.size() <= 4096) fields.push_back(std::make_unique<changeable::FieldT>(*fields[0]));
                     }},
                    {"tower parts: more than 4096",
                     [](ModelT& m) {
                       auto& parts = m.tower->parts;
                       while (parts.size() <= 4096) {
                         parts.push_back(std::make_unique<changeable::PartT>());
                         parts.back()->operand = std::make_unique<changeable::OperandT>(*parts[0]->operand);
                       }
                     }},
                    {"not a valid FlatBuffer of the schema",  // more tables than the verifier visits
                     [](ModelT& m) {
                       auto& biases = m.head->biases;
                       while (biases.size() <= 100'000)
                         biases.push_back(std::make_unique<changeable::BiasT>(*biases[0]));
                     }},
                });
}

TEST_CASE("hostile: a sum of parts, or an interest's q and k, that are too wide are refused", "[hostile]") {
  converter::Network network = random_network({.field_widths = {65536}, .tower = {1}, .score = format::Score::dot});
  check_refused(network, {
                             {"q or k is wider than 65536",
                              [](ModelT& m) {
                                auto& fields = m.interests[0]->fields;
                                fields.push_back(std::make_unique<changeable::FieldT>(*fields[0]));
                              }},
                             {"wider than 262144 together",
                              [](ModelT& m) {
                                auto& parts = m.tower->parts;
                                for (int i = 0; i < 4; ++i) {
                                  parts.push_back(std::make_unique<changeable::PartT>());
                                  parts.back()->operand = std::make_unique<changeable::OperandT>(*parts[1]->operand);
                                }
                              }},
                         });
}

TEST_CASE("hostile: rows of sums, of results and of MLPs have a bound", "[hostile]") {
  const auto sums = [](std::uint32_t count, std::uint32_t width) {
    return [=](ModelT& m) {
      auto& parts = m.tower->parts;
      std::uint32_t item = 0;
      while (m.features[item]->name != "item") ++item;
      for (std::uint32_t i = 0; i < count; ++i) {
        parts.push_back(std::make_unique<changeable::PartT>());
        auto& operand = parts.back()->operand;
        operand = std::make_unique<changeable::OperandT>();
        operand->source = Source::history_sum;
        operand->index = item;
        operand->width = width;
        operand->pad_to = i;  // each another sum
      }
    };
  };
  const Shape wide{.field_widths = {65536}, .tower = {1}, .score = format::Score::dot};
  check_refused(random_network(wide), {{"sums over the history are wider than 262144 together", sums(4, 1)}});
  // Five interests of 16 numbers whose post layers make 65,536 of them.
  converter::Network network = random_network({.field_widths = {16}, .score = format::Score::dot});
  converter::Layer post;
  post.weight = {16, 65536, std::vector<double>(16 * 65536)};
  network.interests[0].post_layers = {post};
  network.tower_parts[0].operand.width = 16;
  network.interests.resize(4, network.interests[0]);
  CHECK(ChangedModel(network).open().ok());
  network.interests.resize(5, network.interests[0]);
  check_refused(ChangedModel(network).open(), "interests: their results are wider than 262144 together");
}

TEST_CASE("hostile: one table of the metadata that is named thousands of times is refused", "[hostile]") {
  // 20,000 places in a vector that name one part: 80 KB of metadata for what FlatBuffers would visit 20,000 times.
  flatbuffers::FlatBufferBuilder builder;
  const auto operand = changeable::CreateOperand(builder, Source::feature, 0, 0, 5);
  const auto part = changeable::CreatePart(builder, operand);
  const auto parts = builder.CreateVector(std::vector(20'000, part));
  const auto tower = changeable::CreateTower(
      builder, parts,
      builder.CreateVector(std::vector{changeable::CreateLayer(builder, changeable::CreateTensor(builder))}));
  const auto name = builder.CreateString("x");
  const auto segments = builder.CreateVector(std::vector<flatbuffers::Offset<changeable::Segment>>());
  const auto tables = builder.CreateVector(std::vector<flatbuffers::Offset<changeable::EmbeddingTable>>());
  const auto features = builder.CreateVector(std::vector<flatbuffers::Offset<changeable::Feature>>());
  const auto head = changeable::CreateHead(builder);
  changeable::ModelBuilder model(builder);
  model.add_name(name);
  model.add_segments(segments);
  model.add_tables(tables);
  model.add_features(features);
  model.add_tower(tower);
  model.add_head(head);
  changeable::FinishModelBuffer(builder, model.Finish());
  std::vector<std::byte> bytes(format::kHeaderSize + builder.GetSize());
  std::memcpy(bytes.data() + format::kHeaderSize, builder.GetBufferPointer(), builder.GetSize());
  const format::Header header{format::kFormatVersion, format::kHeaderSize, builder.GetSize(), 0, 0};
  format::write_header(header, reinterpret_cast<unsigned char*>(bytes.data()));
  AlignedBytes file(bytes);
  set_header_right({file.data(), file.size()});
  check_refused(Model::from_memory(file.span()), "not a valid FlatBuffer of the schema");
}

TEST_CASE("hostile: metadata that is larger than a model's can be is refused before it is read", "[hostile]") {
  std::vector<std::byte> bytes(std::size_t{17} << 20);
  const format::Header header{format::kFormatVersion, format::kHeaderSize, (16u << 20) + 1, bytes.size(), 0};
  format::write_header(header, reinterpret_cast<unsigned char*>(bytes.data()));
  const AlignedBytes file(bytes);
  check_refused(Model::from_memory(file.span()), "metadata_size is larger");
}

}  // namespace dinghy::tests
