#include "tests/engine/model_fields.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

namespace dinghy::tests {
namespace {

template <class Table>
void check_all_fields() {
  const flatbuffers::TypeTable& type = *Table::TableType::MiniReflectTypeTable();
  std::vector<std::string> expected(type.names, type.names + type.num_elems), visited;
  Table table;
  visit_fields(table, [&](const char* name, auto&) { visited.push_back(name); });
  std::sort(expected.begin(), expected.end());
  std::sort(visited.begin(), visited.end());
  CHECK(visited == expected);
}

}  // namespace

TEST_CASE("model fields: the tests that change files know every field of the schema", "[hostile]") {
  using namespace changeable;
  check_all_fields<SegmentT>();
  check_all_fields<TensorT>();
  check_all_fields<VocabularyT>();
  check_all_fields<EmbeddingTableT>();
  check_all_fields<FeatureT>();
  check_all_fields<SequenceT>();
  check_all_fields<ActivationT>();
  check_all_fields<LayerT>();
  check_all_fields<FieldT>();
  check_all_fields<InterestT>();
  check_all_fields<OperandT>();
  check_all_fields<PartT>();
  check_all_fields<MlpT>();
  check_all_fields<TowerT>();
  check_all_fields<BiasT>();
  check_all_fields<HeadT>();
  check_all_fields<GoldenT>();
  check_all_fields<ProvenanceT>();
  check_all_fields<ModelT>();
}

}  // namespace dinghy::tests
