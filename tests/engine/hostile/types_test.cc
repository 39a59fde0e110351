// Values outside their enum, and parts of one kind where another belongs.
#include <catch2/catch_test_macros.hpp>

#include "dinghy/isa.h"
#include "tests/engine/guarded_bytes.h"
#include "tests/engine/hostile/refusal.h"
#include "tests/engine/request.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

using changeable::Encoding;
using changeable::FeatureKind;
using changeable::ModelT;
using changeable::Role;
using changeable::ScaleType;

/// Sets the field that `field` gives to a value that its enum does not have.
template <class Field>
std::function<void(ModelT&)> unknown(Field field) {
  return [=](ModelT& m) {
    auto& value = field(m);
    value = static_cast<std::remove_reference_t<decltype(value)>>(200);
  };
}

}  // namespace

TEST_CASE("hostile: a value outside its enum is refused in every field that has one", "[hostile]") {
  converter::Network network = random_network({.dense_and_bag = true});
  network.vocabularies.push_back(numbered(item_keys()));
  network.vocabularies[0].name = "items";
  check_refused(
      network,
      {
          {"segments[1]: unknown kind", unknown([](ModelT& m) -> auto& { return m.segments[1]->kind; })},
          {"tables[0] 'user': unknown encoding", unknown([](ModelT& m) -> auto& { return m.tables[0]->encoding; })},
          {"tables[0] 'user': unknown encoding", unknown([](ModelT& m) -> auto& { return m.tables[0]->scale_type; })},
          {"unknown missing-id policy", unknown([](ModelT& m) -> auto& { return m.tables[0]->missing; })},
          {"unknown hash function", unknown([](ModelT& m) -> auto& { return m.tables[0]->hash; })},
          {"unknown key_type", unknown([](ModelT& m) -> auto& { return m.vocabularies[0]->key_type; })},
          {"features[2] 'item': unknown role", unknown([](ModelT& m) -> auto& { return m.features[2]->role; })},
          {"features[2] 'item': unknown role", unknown([](ModelT& m) -> auto& { return m.features[2]->kind; })},
          {"features[2] 'item': unknown role", unknown([](ModelT& m) -> auto& { return m.features[2]->pooling; })},
          {"sequences[0]: unknown keep", unknown([](ModelT& m) -> auto& { return m.sequences[0]->keep; })},
          {"sequences[0]: unknown keep", unknown([](ModelT& m) -> auto& { return m.sequences[0]->mask; })},
          {"sequences[0]: unknown keep", unknown([](ModelT& m) -> auto& { return m.sequences[0]->pad_side; })},
          {"layers[0]: unknown activation",
           unknown([](ModelT& m) -> auto& { return m.interests[0]->layers[0]->activation->kind; })},
          {"interests[0] 'interest0': unknown", unknown([](ModelT& m) -> auto& { return m.interests[0]->score; })},
          {"interests[0] 'interest0': unknown", unknown([](ModelT& m) -> auto& { return m.interests[0]->normalizer; })},
          {"interests[0] 'interest0': unknown", unknown([](ModelT& m) -> auto& { return m.interests[0]->pooling; })},
          {"interests[0] 'interest0': unknown", unknown([](ModelT& m) -> auto& { return m.interests[0]->pads; })},
          {"interests[0] 'interest0': unknown", unknown([](ModelT& m) -> auto& { return m.interests[0]->empty; })},
          {"its source does not exist", unknown([](ModelT& m) -> auto& { return m.tower->parts[0]->operand->source; })},
          {"head: unknown link", unknown([](ModelT& m) -> auto& { return m.head->link; })},
      });
}

TEST_CASE("hostile: an arithmetic that no engine has is refused by name", "[hostile]") {
  ChangedModel hostile(Shape{});
  hostile.metadata.compute = static_cast<changeable::Compute>(200);
  const auto model = hostile.open();
  CHECK_FALSE(model.ok());
  CHECK(std::string(model.status().message()).find("compute") != std::string::npos);
}

TEST_CASE("hostile: rows of one encoding read as another are refused", "[hostile]") {
  const auto read_as = [](std::size_t table, Encoding encoding, ScaleType scale) {
    return [=](ModelT& m) {
      m.tables[table]->encoding = encoding;
      m.tables[table]->scale_type = scale;
    };
  };
  const std::string shorter = "row_stride is shorter than a row";
  // Tables of 5, 3, 8 and 4 numbers: i8 with f32 scales, f16, i4, i8 with f16 scales.
  check_refused(random_network({.encoded = true}),
                {
                    {"encoding i8 with scale_type none", read_as(0, Encoding::i8, ScaleType::none)},
                    {"encoding i4 with scale_type f32", read_as(2, Encoding::i4, ScaleType::f32)},
                    {"encoding f16 with scale_type f16", read_as(1, Encoding::f16, ScaleType::f16)},
                    {"encoding f32 with scale_type f32", read_as(0, Encoding::f32, ScaleType::f32)},
                    {"tables[0] 'user': " + shorter, read_as(0, Encoding::f32, ScaleType::none)},
                    {"tables[1] 'shop': " + shorter, read_as(1, Encoding::i8, ScaleType::f32)},
                    {"tables[2] 'item': " + shorter, read_as(2, Encoding::f16, ScaleType::none)},
                    {"tables[3] 'field1': " + shorter, read_as(3, Encoding::i8, ScaleType::f32)},
                });
}

TEST_CASE("hostile: a row of int4 numbers with an odd width needs its last byte", "[hostile]") {
  converter::Network network = random_network({.field_widths = {5}});
  converter::Table& item = item_table(network);
  item.encoding = format::Encoding::i4;
  item.scale_type = format::ScaleType::f16;
  check_refused(network, {{"tables[2] 'item': row_stride is shorter than a row", [](ModelT& m) {
                             REQUIRE(m.tables[2]->row_stride == 7);  // 3 bytes for 5 numbers, 4 for scale and bias
                             m.tables[2]->row_stride = 6;
                           }}});
}

TEST_CASE("hostile: the last row of the last table is read to its last byte and no further, in every encoding",
          "[hostile]") {
  using format::Encoding;
  using enum format::ScaleType;
  const std::pair<Encoding, format::ScaleType> forms[] = {
      {Encoding::f32, none}, {Encoding::f16, none}, {Encoding::i8, f32}, {Encoding::i8, f16}, {Encoding::i4, f16}};
  for (const auto& [encoding, scale] : forms) {
    for (const std::uint32_t width : {1u, 3u, 5u, 7u, 9u, 17u, 33u}) {
      converter::Network network = random_network({.field_widths = {width}});
      converter::Table& last = network.tables.back();
      REQUIRE(last.name == "item");
      last.source = random_tensor("item", 64, width);  // 64 rows end at a multiple of 64, as the file's memory has to
      last.encoding = encoding;
      last.scale_type = scale;
      const GuardedBytes file(ModelFile(network).bytes());
      const auto model = Model::from_memory(file.span());
      CAPTURE(width, model.status().message());
      REQUIRE(model.ok());
      Request request = random_request(*model, 3, 4, 1);
      request.candidates.ids["item"] = {63, 0, 63};
      request.history.ids["item"] = {63, 62, 63, 1};
      for (const Isa& isa : isas()) {
        if (isa.available) CHECK(score(*model, request, isa.name).scores.size() == 3);
      }
    }
  }
}

TEST_CASE("hostile: a feature whose kind or role does not go with its table or history is refused", "[hostile]") {
  const auto role = [](std::size_t feature, Role to) { return [=](ModelT& m) { m.features[feature]->role = to; }; };
  check_refused(
      random_network({.dense_and_bag = true}),
      {
          {"features[2] 'item': its role does not go with its sequence", role(2, Role::user)},
          {"features[2] 'item': its role does not go with its sequence", role(2, Role::context)},
          {"features[1] 'shop': its role does not go with its sequence", role(1, Role::history)},
          {"the query is not a candidate feature", role(2, Role::history)},
          {"features[4] 'price': table -1", [](ModelT& m) { m.features[4]->kind = FeatureKind::id; }},
          {"features[4] 'price': table -1", [](ModelT& m) { m.features[4]->kind = FeatureKind::bag; }},
          {"features[0] 'user': dense_width", [](ModelT& m) { m.features[0]->kind = FeatureKind::dense; }},
          {"a second feature of this name", [](ModelT& m) { m.features[1]->name = m.features[0]->name; }},
          {"a projection has no activation",
           [](ModelT& m) { m.features[5]->projection->activation = std::make_unique<changeable::ActivationT>(); }},
      });
}

TEST_CASE("hostile: a bias per id whose table or feature is of another kind is refused", "[hostile]") {
  converter::Network network = random_network({.dense_and_bag = true, .biases = true});
  network.vocabularies.push_back(numbered(item_keys()));
  check_refused(network,
                {
                    {"head biases[1]: its table is not 1 wide", [](ModelT& m) { m.head->biases[1]->table = 2; }},
                    {"head biases[1]: not an id", [](ModelT& m) { m.head->biases[1]->feature = 4; }},
                    {"head biases[1]: not an id", [](ModelT& m) { m.head->biases[1]->feature = 6; }},
                    {"head biases[1]: its table takes other keys",
                     [](ModelT& m) { m.tables[m.head->biases[1]->table]->vocabulary = 0; }},
                    {"the policy clamp has no meaning with a vocabulary",
                     [](ModelT& m) {
                       m.tables[0]->vocabulary = 0;
                       m.tables[0]->missing = changeable::MissingId::clamp;
                     }},
                    {"has a hash and a vocabulary",
                     [](ModelT& m) {
                       m.tables[0]->vocabulary = 0;
                       m.tables[0]->hash = changeable::IdHash::farmhash64_decimal;
                     }},
                });
}

TEST_CASE("hostile: a column of the history alone is no part and has no bias", "[hostile]") {
  const auto seen = [](const ModelT& m) {
    std::uint32_t f = 0;
    while (m.features[f]->name != "seen") ++f;
    return f;
  };
  check_refused(random_network({.biases = true, .own_keys = true}),
                {{"tower parts[0]: its source does not exist",
                  [=](ModelT& m) {
                    m.tower->parts[0]->operand->source = changeable::Source::feature;
                    m.tower->parts[0]->operand->index = seen(m);
                  }},
                 {"head biases[0]: not an id of user, context or candidate",
                  [=](ModelT& m) { m.head->biases[0]->feature = seen(m); }}});
}

TEST_CASE("hostile: a head that does not go with its logits is refused", "[hostile]") {
  check_refused(random_network({.logits = 2, .positive_class = 1}),
                {
                    {"two logits go through softmax", [](ModelT& m) { m.head->link = changeable::Link::identity; }},
                    {"two logits go through softmax", [](ModelT& m) { m.head->scale = 2; }},
                    {"two logits go through softmax", [](ModelT& m) { m.head->shift = 1; }},
                    {"two logits go through softmax",
                     [](ModelT& m) { m.head->biases.push_back(std::make_unique<changeable::BiasT>()); }},
                    {"tower: the logits have an activation",
                     [](ModelT& m) {
                       m.tower->layers.back()->activation = std::make_unique<changeable::ActivationT>();
                       m.tower->layers.back()->activation->kind = changeable::ActivationKind::relu;
                     }},
                });
}

TEST_CASE("hostile: a query that is wider than its key, or that its layers bring to another width, is refused",
          "[hostile]") {
  check_refused(random_network({.score = format::Score::dot, .narrow_query = true}),
                {{"q has 16 numbers, k has 12", [](ModelT& m) { m.interests[0]->fields[1]->query = 2; }}});
  ChangedModel narrow(Shape{.query_layer = true});
  auto& layer = *narrow.metadata.interests[0]->query_layers[0];
  layer.weight->cols = layer.bias->cols = layer.activation->alpha->cols = 8;
  narrow.make_weights_zero();
  check_refused(narrow.open(), "q has 8 numbers, k has 12");
}

}  // namespace dinghy::tests
