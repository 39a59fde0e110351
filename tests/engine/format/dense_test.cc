#include "engine/format/dense.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "tests/engine/aligned_bytes.h"
#include "tests/engine/random_network.h"

namespace dinghy::tests {

TEST_CASE("dense: a tensor without rows or with too many is refused", "[format]") {
  const AlignedBytes bytes(ModelFile(Shape{}).bytes());
  format::File file;
  REQUIRE(file.read(bytes.span()).ok());
  const auto message_of = [&](std::uint32_t rows) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(format::CreateTensor(builder, 0, 0, rows, 16, 16));
    format::DenseReader reader(file);
    format::Matrix matrix;
    const auto& tensor = *flatbuffers::GetRoot<format::Tensor>(builder.GetBufferPointer());
    return std::string(reader.read(tensor, "layer", matrix).message());
  };
  CHECK(message_of(1).empty());
  CHECK(message_of(0) == "layer: 0 x 16 is empty or too large");
  CHECK(message_of((1u << 18) + 1) == "layer: 262145 x 16 is empty or too large");
}

}  // namespace dinghy::tests
