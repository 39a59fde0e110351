// Valid FlatBuffers whose indices lead nowhere: FlatBuffers' verifier looks at the structure, never at such numbers.
#include <catch2/catch_test_macros.hpp>

#include "tests/engine/hostile/refusal.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

using changeable::ModelT;
using changeable::OperandT;
using changeable::Source;

constexpr std::uint32_t kNowhere = 1000, kFar = 0xffffffff;

/// The first operand of the tower that takes from `source`.
OperandT& operand_of(ModelT& m, Source source) {
  for (auto& part : m.tower->parts) {
    if (part->operand->source == source) return *part->operand;
  }
  return *m.tower->parts.at(m.tower->parts.size())->operand;
}

std::uint32_t segment_of(const ModelT& m, changeable::SegmentKind kind) {
  std::uint32_t i = 0;
  while (m.segments.at(i)->kind != kind) ++i;
  return i;
}

}  // namespace

TEST_CASE("hostile: an index of a segment, a vocabulary or a row in a table that leads nowhere is refused by its name",
          "[hostile]") {
  converter::Network network = network_with(numbered(item_keys()), format::MissingId::row);
  item_table(network).missing_row = 3;
  check_refused(network, {
                             {"tables[0] 'user': segment 1000", [](ModelT& m) { m.tables[0]->segment = kNowhere; }},
                             {"tables[0] 'user': segment 4294967295", [](ModelT& m) { m.tables[0]->segment = kFar; }},
                             {"vocabulary 1 does not exist", [](ModelT& m) { m.tables[2]->vocabulary = 1; }},
                             {"vocabulary -2 does not exist", [](ModelT& m) { m.tables[2]->vocabulary = -2; }},
                             {"tables[2] 'item': missing_row", [](ModelT& m) { m.tables[2]->missing_row = kItems; }},
                             {"vocabularies[0] 'items': segment", [](ModelT& m) { m.vocabularies[0]->segment = kFar; }},
                         });
}

TEST_CASE("hostile: a segment of another kind than what is said to be in it is refused, whoever says it", "[hostile]") {
  using changeable::SegmentKind;
  check_refused(network_with(numbered(item_keys())),
                {
                    {"tables[1] 'shop': segment 0 is of another kind",
                     [](ModelT& m) { m.tables[1]->segment = segment_of(m, SegmentKind::dense); }},
                    {"vocabularies[0] 'items': segment",
                     [](ModelT& m) { m.vocabularies[0]->segment = segment_of(m, SegmentKind::table); }},
                    {"tower layers[0]: segment",
                     [](ModelT& m) { m.tower->layers[0]->weight->segment = segment_of(m, SegmentKind::table); }},
                    {"golden: segment",
                     [](ModelT& m) {
                       m.golden = std::make_unique<changeable::GoldenT>();
                       m.golden->segment = segment_of(m, SegmentKind::table);
                     }},
                });
}

TEST_CASE("hostile: an index of a table, a history or a row in a feature that leads nowhere is refused", "[hostile]") {
  check_refused(random_network({}),
                {
                    {"features[1] 'shop': table 1000", [](ModelT& m) { m.features[1]->table = 1000; }},
                    {"features[1] 'shop': table -1", [](ModelT& m) { m.features[1]->table = -1; }},
                    {"features[2] 'item': table 1000", [](ModelT& m) { m.features[2]->history_table = 1000; }},
                    {"features[2] 'item': history_table -1", [](ModelT& m) { m.features[2]->history_table = -1; }},
                    {"features[2] 'item': sequence 7", [](ModelT& m) { m.features[2]->sequence = 7; }},
                    {"features[2] 'item': sequence -2", [](ModelT& m) { m.features[2]->sequence = -2; }},
                    {"features[2] 'item': pad_row", [](ModelT& m) { m.features[2]->pad_row = kItems; }},
                    {"features[2] 'item': pad_row", [](ModelT& m) { m.features[2]->pad_row = -2; }},
                });
}

TEST_CASE("hostile: an index that scoring has no use for is refused, too, where it leads nowhere", "[hostile]") {
  check_refused(random_network({.dense_and_bag = true}),
                {
                    {"features[4] 'price': table 1000 does not exist", [](ModelT& m) { m.features[4]->table = 1000; }},
                    {"features[0] 'user': table -2", [](ModelT& m) { m.features[0]->history_table = -2; }},
                });
}

TEST_CASE("hostile: an index in an interest, a part, a tensor or a bias that leads nowhere is refused", "[hostile]") {
  const auto to = [](Source source, std::uint32_t index) {
    return [=](ModelT& m) { operand_of(m, source).index = index; };
  };
  const auto field = [](ModelT& m) -> changeable::FieldT& { return *m.interests[1]->fields[0]; };
  const std::string place = "interests[1] 'interest1' fields[0]: ", gone = "its source does not exist";
  check_refused(random_network({.two_interests = true, .history_sums = true, .biases = true, .mlps = true}),
                {
                    {"interests[1] 'interest1': sequence 9", [](ModelT& m) { m.interests[1]->sequence = 9; }},
                    {place + "a feature that does not exist", [=](ModelT& m) { field(m).query = kNowhere; }},
                    {place + "a feature that does not exist", [=](ModelT& m) { field(m).key = kFar; }},
                    {place + "the query is not a candidate", [=](ModelT& m) { field(m).query = 0; }},
                    {place + "the key is not a column of its sequence", [=](ModelT& m) { field(m).key = 1; }},
                    {gone, to(Source::feature, kNowhere)},
                    {gone, to(Source::feature, kFar)},
                    {gone, to(Source::interest, 2)},
                    {gone, to(Source::history_sum, kNowhere)},
                    {gone, to(Source::history_sum, 1)},
                    {gone, to(Source::history_mean, kFar)},
                    {gone, to(Source::mlp, 3)},
                    {"head biases[1]: a feature or table", [](ModelT& m) { m.head->biases[1]->table = kFar; }},
                    {"head biases[1]: a feature or table", [](ModelT& m) { m.head->biases[1]->feature = kNowhere; }},
                    {"interests[0] 'interest0' layers[0]: segment 1000",
                     [](ModelT& m) { m.interests[0]->layers[0]->weight->segment = kNowhere; }},
                    {"golden: segment 1000",
                     [](ModelT& m) {
                       m.golden = std::make_unique<changeable::GoldenT>();
                       m.golden->segment = kNowhere;
                     }},
                });
}

TEST_CASE("hostile: a class that the logits do not have is refused", "[hostile]") {
  check_refused(random_network({.logits = 2, .positive_class = 1}),
                {
                    {"no such positive_class", [](ModelT& m) { m.head->positive_class = 2; }},
                    {"no such positive_class", [](ModelT& m) { m.head->positive_class = 255; }},
                });
}

TEST_CASE("hostile: an MLP that takes its own result or a later one is refused", "[hostile]") {
  const auto take_mlp = [](std::size_t mlp, std::uint32_t of) {
    return [=](ModelT& m) {
      m.mlps[mlp]->parts[0]->operand->source = Source::mlp;
      m.mlps[mlp]->parts[0]->operand->index = of;
    };
  };
  check_refused(random_network({.mlps = true}),
                {
                    {"mlps[0] 'mlp0' parts[0]: its source does not exist", take_mlp(0, 0)},
                    {"mlps[0] 'mlp0' parts[0]: its source does not exist", take_mlp(0, 2)},
                    {"mlps[2] 'mlp2' parts[0]: its source does not exist", take_mlp(2, 2)},
                });
}

}  // namespace dinghy::tests
