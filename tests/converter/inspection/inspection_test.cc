// Inspection reads the metadata by itself; it must not trust it more than the engine does.
#include "converter/inspection/inspection.h"

#include <catch2/catch_test_macros.hpp>

#include "schema/header.h"
#include "tests/engine/changed_model.h"

namespace dinghy::converter {

TEST_CASE("inspect: what the engine opens can be inspected, whatever metadata byte was changed", "[inspection]") {
  using tests::AlignedBytes;
  const tests::ModelFile file(
      tests::Shape{.two_interests = true, .history_sums = true, .dense_and_bag = true, .biases = true, .mlps = true});
  const AlignedBytes whole(file.bytes());
  const auto metadata =
      format::get_little_endian<std::uint64_t>(reinterpret_cast<const unsigned char*>(whole.data()) + 16);
  std::size_t opened = 0;
  for (std::size_t i = format::kHeaderSize; i < format::kHeaderSize + metadata; ++i) {
    for (const unsigned flip : {0x01u, 0xffu}) {
      AlignedBytes bytes = whole;
      bytes.data()[i] ^= static_cast<std::byte>(flip);
      tests::set_header_right({bytes.data(), bytes.size()});
      const auto model = dinghy::Model::from_memory(bytes.span());
      if (!model.ok()) continue;
      ++opened;
      CHECK_FALSE(inspection_text(*model, "m.dinghy").empty());
      CHECK_FALSE(inspection_json(*model, "m.dinghy").empty());
    }
  }
  CHECK(opened > 0);
}

TEST_CASE("inspect: a model without name, provenance and golden rows, and with names that are no UTF-8, is shown",
          "[inspection]") {
  tests::ChangedModel changed(tests::Shape{});
  changed.metadata.name.clear();
  changed.metadata.provenance.reset();
  changed.metadata.golden.reset();
  changed.metadata.features[0]->name = "\xff\xfe\n";
  const auto model = changed.open();
  REQUIRE(model.ok());
  CHECK_FALSE(inspection_text(*model, "m.dinghy").empty());
  CHECK_FALSE(inspection_json(*model, "m.dinghy").empty());
  changed.metadata.provenance = std::make_unique<tests::changeable::ProvenanceT>();
  CHECK_FALSE(inspection_text(*changed.open(), "m.dinghy").empty());
}

}  // namespace dinghy::converter
