// Parts that are not there: optional ones that scoring needs, required ones, and elements that FlatBuffers' verifier
// takes for empty tables.
#include <catch2/catch_test_macros.hpp>

#include "schema/header.h"
#include "tests/engine/hostile/refusal.h"
#include "tests/engine/vocabulary_network.h"

namespace dinghy::tests {
namespace {

using changeable::ModelT;

/// A model file whose buffer is damaged in place, which no writer of FlatBuffers would do.
class DamagedModel {
 public:
  DamagedModel() : DamagedModel(network()) {}

  const format::Model& metadata() const { return *format::GetModel(file_.data() + format::kHeaderSize); }
  Result<Model> open() {
    set_header_right({file_.data(), file_.size()});
    return Model::from_memory(file_.span());
  }

  /// Takes a field out of a table, and out of all that share its vtable.
  template <class Table>
  static void remove(const Table* table, flatbuffers::voffset_t field) {
    const std::uint8_t* const vtable = reinterpret_cast<const flatbuffers::Table*>(table)->GetVTable();
    std::memset(const_cast<std::uint8_t*>(vtable) + field, 0, sizeof field);
  }
  /// Makes an element of a vector point to itself, where a table seems to be in which every field has its default.
  template <class T>
  static void point_to_itself(const flatbuffers::Vector<flatbuffers::Offset<T>>* vector) {
    std::memset(const_cast<std::uint8_t*>(vector->Data()), 0, sizeof(flatbuffers::uoffset_t));
  }

 private:
  explicit DamagedModel(const converter::Network& network) : file_(ModelFile(network).bytes()) {}
  static converter::Network network() {
    converter::Network network = random_network({.dense_and_bag = true, .biases = true, .mlps = true});
    network.vocabularies.push_back(numbered(item_keys()));
    return network;
  }

  AlignedBytes file_;
};

}  // namespace

TEST_CASE("hostile: vectors that an activation needs and that are not there are refused", "[hostile]") {
  using format::ActivationKind;
  const auto activation = [](ModelT& m) -> changeable::ActivationT& { return *m.interests[0]->layers[0]->activation; };
  check_refused(random_network({}),
                {
                    {"layers[0] scale: is missing", [=](ModelT& m) { activation(m).scale.reset(); }},
                    {"layers[0] shift: is missing", [=](ModelT& m) { activation(m).shift.reset(); }},
                    {"layers[0] alpha: is missing", [=](ModelT& m) { activation(m).alpha.reset(); }},
                });
  for (const ActivationKind kind : {ActivationKind::prelu, ActivationKind::row_gate}) {
    check_refused(random_network({.attention_activation = kind}),
                  {{"layers[0] alpha: is missing", [=](ModelT& m) { activation(m).alpha.reset(); }}});
  }
}

TEST_CASE("hostile: lists without the elements that scoring needs are refused", "[hostile]") {
  check_refused(random_network({.mlps = true}),
                {
                    {"interests[0] 'interest0': no layers", [](ModelT& m) { m.interests[0]->layers.clear(); }},
                    {"interests[0] 'interest0': no fields", [](ModelT& m) { m.interests[0]->fields.clear(); }},
                    {"mlps[0] 'mlp0': no layers", [](ModelT& m) { m.mlps[0]->layers.clear(); }},
                    {"mlps[0] 'mlp0' parts: none", [](ModelT& m) { m.mlps[0]->parts.clear(); }},
                    {"tower: no layers", [](ModelT& m) { m.tower->layers.clear(); }},
                    {"tower parts: none", [](ModelT& m) { m.tower->parts.clear(); }},
                    {"features[0] 'user': table 0 does not exist", [](ModelT& m) { m.tables.clear(); }},
                    {"sequence 0 does not exist", [](ModelT& m) { m.sequences.clear(); }},
                    {"a feature that does not exist", [](ModelT& m) { m.features.clear(); }},
                    {"its source does not exist", [](ModelT& m) { m.interests.clear(); }},
                    {"its source does not exist", [](ModelT& m) { m.mlps.clear(); }},
                });
}

TEST_CASE("hostile: a required part that is not there is refused as no FlatBuffer of the schema", "[hostile]") {
  using namespace format;
  const std::function<void(const format::Model&)> removals[] = {
      [](const auto& m) { DamagedModel::remove(&m, format::Model::VT_SEGMENTS); },
      [](const auto& m) { DamagedModel::remove(&m, format::Model::VT_TABLES); },
      [](const auto& m) { DamagedModel::remove(&m, format::Model::VT_FEATURES); },
      [](const auto& m) { DamagedModel::remove(&m, format::Model::VT_TOWER); },
      [](const auto& m) { DamagedModel::remove(&m, format::Model::VT_HEAD); },
      [](const auto& m) { DamagedModel::remove(m.tables()->Get(0), EmbeddingTable::VT_NAME); },
      [](const auto& m) { DamagedModel::remove(m.vocabularies()->Get(0), Vocabulary::VT_NAME); },
      [](const auto& m) { DamagedModel::remove(m.features()->Get(0), format::Feature::VT_NAME); },
      [](const auto& m) { DamagedModel::remove(m.sequences()->Get(0), Sequence::VT_NAME); },
      [](const auto& m) { DamagedModel::remove(m.interests()->Get(0), Interest::VT_NAME); },
      [](const auto& m) { DamagedModel::remove(m.interests()->Get(0), Interest::VT_FIELDS); },
      [](const auto& m) { DamagedModel::remove(m.interests()->Get(0)->layers()->Get(0), Layer::VT_WEIGHT); },
      [](const auto& m) { DamagedModel::remove(m.mlps()->Get(0), Mlp::VT_NAME); },
      [](const auto& m) { DamagedModel::remove(m.mlps()->Get(0), Mlp::VT_PARTS); },
      [](const auto& m) { DamagedModel::remove(m.mlps()->Get(0), Mlp::VT_LAYERS); },
      [](const auto& m) { DamagedModel::remove(m.tower(), Tower::VT_PARTS); },
      [](const auto& m) { DamagedModel::remove(m.tower(), Tower::VT_LAYERS); },
      [](const auto& m) { DamagedModel::remove(m.tower()->parts()->Get(0), Part::VT_OPERAND); },
  };
  for (const auto& removal : removals) {
    DamagedModel damaged;
    removal(damaged.metadata());
    check_refused(damaged.open(), "not a valid FlatBuffer of the schema");
  }
}

TEST_CASE("hostile: an element that points to itself is refused, or is a part that is safe with nothing in it",
          "[hostile]") {
  const std::function<void(const format::Model&)> damages[] = {
      [](const auto& m) { DamagedModel::point_to_itself(m.segments()); },
      [](const auto& m) { DamagedModel::point_to_itself(m.tables()); },
      [](const auto& m) { DamagedModel::point_to_itself(m.vocabularies()); },
      [](const auto& m) { DamagedModel::point_to_itself(m.features()); },
      [](const auto& m) { DamagedModel::point_to_itself(m.sequences()); },
      [](const auto& m) { DamagedModel::point_to_itself(m.interests()); },
      [](const auto& m) { DamagedModel::point_to_itself(m.interests()->Get(0)->layers()); },
      [](const auto& m) { DamagedModel::point_to_itself(m.mlps()); },
      [](const auto& m) { DamagedModel::point_to_itself(m.tower()->parts()); },
      [](const auto& m) { DamagedModel::point_to_itself(m.tower()->layers()); },
      [](const auto& m) { DamagedModel::point_to_itself(m.interests()->Get(0)->fields()); },  // feature 0, of the user
      [](const auto& m) { DamagedModel::point_to_itself(m.head()->biases()); },               // table 0, not 1 wide
  };
  for (const auto& damage : damages) {
    DamagedModel damaged;
    damage(damaged.metadata());
    check_refused(damaged.open(), "");
  }
}

}  // namespace dinghy::tests
