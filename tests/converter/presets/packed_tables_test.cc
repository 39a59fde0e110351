// Tables that a checkpoint holds packed, from its bytes to those of the model.
#include "converter/presets/packed_tables.h"

#include <algorithm>
#include <array>
#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>

#include "converter/error.h"
#include "converter/model_file/row_encoder.h"
#include "converter/model_file/writer.h"
#include "converter/packed_rows.h"
#include "converter/presets/presets.h"
#include "converter/quantization/table_error.h"
#include "converter/readers/read_checkpoint.h"
#include "converter/table_form.h"
#include "dinghy/model.h"
#include "tests/converter/arithmetic_model.h"
#include "tests/converter/commands/command.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

using enum format::RowForm;
using Bytes = std::vector<std::byte>;

constexpr std::array kPackedForms = {i8, i8_half, i4};
const std::string kCase = DINGHY_SOURCE_DIR "/tests/golden/packed-tables/";

Tensor byte_tensor(const std::string& name, std::vector<std::int64_t> shape, Bytes bytes) {
  Tensor tensor = memory_tensor(name, std::move(shape), {});
  tensor.dtype = DType::u8;
  tensor.storage = std::make_shared<BufferStorage>(std::move(bytes));
  return tensor;
}

/// 8 rows of 2 numbers whose codes do not reach 0 and 15 or 255, so that encoding their numbers would give others.
Bytes odd_rows(format::RowForm form) {
  Bytes bytes;
  for (int row = 0; row < 8; ++row) {
    if (form == i4) bytes.push_back(static_cast<std::byte>(0x73 + row));
    if (form != i4) bytes.insert(bytes.end(), {static_cast<std::byte>(10 + row), static_cast<std::byte>(70)});
    const std::array<float, 2> scale = {0.25f, -1.5f};
    const std::array<std::uint16_t, 2> halves = {float_to_half(scale[0]), float_to_half(scale[1])};
    const std::span<const std::byte> behind =
        form == i8 ? std::span<const std::byte>(std::as_bytes(std::span(scale))) : std::as_bytes(std::span(halves));
    bytes.insert(bytes.end(), behind.begin(), behind.end());
  }
  return bytes;
}

Tensor packed_tensor(const std::string& name, format::RowForm form) {
  const Bytes rows = odd_rows(form);
  return byte_tensor(name, {8, static_cast<std::int64_t>(rows.size() / 8)}, rows);
}

/// The rows of a table in a model file.
Bytes stored_rows(const std::string& path, const std::string& table) {
  const Result<Model> model = Model::open(path.c_str());
  REQUIRE(model.ok());
  const format::Model* metadata = format::GetModel(model->metadata().data());
  for (const format::EmbeddingTable* stored : *metadata->tables()) {
    if (stored->name()->str() != table) continue;
    const std::uint64_t offset = metadata->segments()->Get(stored->segment())->offset() + stored->offset();
    const auto rows = model->file().subspan(offset, stored->rows() * stored->row_stride());
    return {rows.begin(), rows.end()};
  }
  return {};
}

Bytes bytes_of(const Tensor& tensor) {
  Bytes bytes(tensor.numel());
  tensor.storage->read(tensor.offset, bytes);
  return bytes;
}

std::string converted(const TemporaryFolder& folder, const std::string& options) {
  const std::string model = folder.path("m.dinghy");
  const CommandResult result =
      run_dinghy("convert " + kCase + "model.pth --recipe " + kCase + "recipe.toml " + options + " -o " + model);
  INFO(result.errors);
  REQUIRE(result.status == 0);
  return result.output;
}

void fails_with(const Tensor& tensor, const std::string& recipe, const std::string& message) {
  Checkpoint checkpoint = memory_checkpoint({tensor});
  CHECK_THROWS_MATCHES(unpack_tables(checkpoint, parse_recipe("[packed]\n" + recipe, "r.toml")), Error,
                       MessageMatches(ContainsSubstring(message)));
}

}  // namespace

TEST_CASE("Rows that PyTorch packed stand in the model bit for bit, and the report says how they came", "[presets]") {
  const TemporaryFolder folder;
  const std::string report = converted(folder, "--check " + kCase + "golden.jsonl");
  CHECK_THAT(report, ContainsSubstring("rows of the table item      i8, as the checkpoint packs them"));
  CHECK_THAT(report, ContainsSubstring("rows of the table category  i4, as the checkpoint packs them"));
  const Checkpoint checkpoint = read_checkpoint(kCase + "model.pth");
  CHECK(stored_rows(folder.path("m.dinghy"), "user") == bytes_of(*checkpoint.find("users.weight")));
  CHECK(stored_rows(folder.path("m.dinghy"), "item") == bytes_of(*checkpoint.find("goods.weight")));
  CHECK(stored_rows(folder.path("m.dinghy"), "category") == bytes_of(*checkpoint.find("shelves.weight")));
}

TEST_CASE("A packed table keeps its rows where --tables names their form, and is encoded anew for another",
          "[presets]") {
  const TemporaryFolder folder;
  converted(folder, "--tables i8");
  const Checkpoint checkpoint = read_checkpoint(kCase + "model.pth");
  CHECK(stored_rows(folder.path("m.dinghy"), "item") == bytes_of(*checkpoint.find("goods.weight")));
  const Tensor shelves = unpacked(*checkpoint.find("shelves.weight"), i4);
  std::vector<float> numbers(4);
  shelves.read_rows(2, 1, numbers);
  Bytes encoded(12);
  encode_row(i8, numbers, encoded.data());
  const Bytes rows = stored_rows(folder.path("m.dinghy"), "category");
  CHECK(std::ranges::equal(encoded, std::span(rows).subspan(2 * 12, 12)));
}

TEST_CASE("A budget never stores a packed table in more bytes than the checkpoint does", "[presets]") {
  const TemporaryFolder folder;
  const std::string report = converted(folder, "--budget 1MB");
  CHECK_THAT(report, ContainsSubstring("user      61    4      i8         732 B   0"));
  CHECK_THAT(report, ContainsSubstring("item      121   8      i8         1936 B  0"));
  CHECK_THAT(report, ContainsSubstring("category  9     4      i4         54 B    0"));
}

TEST_CASE("Packed rows are copied and not encoded again, whatever codes they have", "[presets]") {
  for (const format::RowForm form : kPackedForms) {
    CAPTURE(word_of(form));
    const TemporaryFolder folder;
    Network network = arithmetic_network();
    network.tables[1].source = unpacked(packed_tensor("items", form), form);
    set_form(network.tables[1], form);
    write_model(network, {}, {}, folder.path("m.dinghy"));
    CHECK(stored_rows(folder.path("m.dinghy"), "items") == odd_rows(form));
    CHECK(table_errors(network.tables[1], std::array{form}, "").front().relative_l2 == 0);
  }
}

TEST_CASE("The numbers of packed rows are code times scale plus bias, from any row on, in any layout", "[presets]") {
  const Tensor table = unpacked(packed_tensor("items", i8), i8);
  std::vector<float> numbers(4);
  table.read_rows(6, 2, numbers);
  CHECK(numbers == std::vector<float>{2.5, 16, 2.75, 16});
  Tensor columns = byte_tensor("items", {2, 10}, {});
  columns.strides = {1, 2};
  Bytes bytes(20);
  const Bytes rows = odd_rows(i8);
  for (std::size_t i = 0; i < 20; ++i) bytes[i % 10 * 2 + i / 10] = rows[i];
  columns.storage = std::make_shared<BufferStorage>(bytes);
  CHECK(unpacked(columns, i8).values() == std::vector<double>{1, 16, 1.25, 16});
  const Tensor fours = unpacked(packed_tensor("items", i4), i4);
  CHECK(fours.shape == std::vector<std::int64_t>{8, 2});
  numbers.resize(2);
  fours.read_rows(1, 1, numbers);
  CHECK(numbers == std::vector<float>{-0.5, 0.25});
}

TEST_CASE("Some columns of a packed table are numbers and no packed rows", "[presets]") {
  Tensor table = unpacked(packed_tensor("items", i8), i8);
  CHECK(packed_form(table) == i8);
  table.shape[1] = 1;
  CHECK_FALSE(packed_form(table));
}

TEST_CASE("A packed row whose scale or bias is not finite is refused with table and row", "[presets]") {
  const TemporaryFolder folder;
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const format::RowForm form : kPackedForms) {
    for (const std::size_t number : {0, 1}) {  // scale, bias
      for (const float value : {infinity, nan}) {
        CAPTURE(word_of(form), number, value);
        Bytes bytes = odd_rows(form);
        const std::size_t size = form == i8 ? 4 : 2, row_size = bytes.size() / 8;
        const std::uint16_t half = float_to_half(value);
        std::memcpy(bytes.data() + 6 * row_size - (2 - number) * size,
                    size == 4 ? reinterpret_cast<const std::byte*>(&value) : reinterpret_cast<const std::byte*>(&half),
                    size);
        Network network = arithmetic_network();
        network.tables[1].source =
            unpacked(byte_tensor("items.weight", {8, static_cast<std::int64_t>(row_size)}, bytes), form);
        set_form(network.tables[1], form);
        Provenance provenance;
        provenance.checkpoint = "m.pth";
        CHECK_THROWS_MATCHES(write_model(network, provenance, {}, folder.path("m.dinghy")), Error,
                             MessageMatches(ContainsSubstring("m.pth: items.weight: row 5, column 0 is") &&
                                            ContainsSubstring("by the scale or bias of its row")));
      }
    }
  }
}

TEST_CASE("What [packed] names has to be a matrix of uint8 with room for a row", "[presets]") {
  const Tensor packed = packed_tensor("items", i8);
  fails_with(packed, "item = \"i8\"",
             "r.toml: [packed] names the tensor \"item\", which model.npz has not (did you mean \"items\"?)");
  fails_with(
      zeros("items", {8, 10}), "items = \"i8\"",
      "model.npz: items: is float32 [8, 10], but [packed] says i8: uint8 [rows, bytes of a row], of which 8 are");
  fails_with(byte_tensor("items", {2, 8}, Bytes(16)), "items = \"i8\"", "items: is uint8 [2, 8], but [packed] says i8");
  fails_with(byte_tensor("items", {16}, Bytes(16)), "items = \"i4\"", "items: is uint8 [16], but [packed] says i4");
  fails_with(packed, "items = \"i2\"", "r.toml:2: \"items\" is \"i2\"");
}

TEST_CASE("A preset takes a packed table as it would take its numbers, and names the forms where the recipe does not",
          "[presets]") {
  const auto checkpoint = [] {
    return memory_checkpoint(
        {zeros("embedding_dict.user.weight", {5, 2}), packed_tensor("embedding_dict.item.weight", i8),
         zeros("embedding_dict.hist_item.weight", {7, 2}), zeros("attention.local_att.dnn.linears.0.weight", {3, 8}),
         zeros("attention.local_att.dnn.linears.0.bias", {3}), zeros("attention.local_att.dense.weight", {1, 3}),
         zeros("attention.local_att.dense.bias", {1}), zeros("dnn.linears.0.weight", {4, 6}),
         zeros("dnn.linears.0.bias", {4}), zeros("dnn_linear.weight", {1, 4}), zeros("out.bias", {1})});
  };
  const Recipe recipe = parse_recipe("[packed]\n\"embedding_dict.item.weight\" = \"i8\"\n", "r.toml");
  Checkpoint unpacking = checkpoint();
  unpack_tables(unpacking, recipe);
  Conversion conversion(unpacking, recipe);
  build_network(conversion, choose_preset(unpacking, recipe));
  CHECK(form_of(conversion.network.tables[0]) == f32);
  CHECK(form_of(conversion.network.tables[1]) == i8);
  CHECK(conversion.network.features[1].width == 2);

  const Checkpoint packed = checkpoint();
  const Recipe none;
  Conversion untold(packed, none);
  CHECK_THROWS_MATCHES(
      build_network(untold, choose_preset(packed, none)), Error,
      MessageMatches(ContainsSubstring("embedding_dict.item.weight: is uint8 [8, 10], and a table has numbers; if its "
                                       "rows are packed, say how in the recipe: [packed] "
                                       "\"embedding_dict.item.weight\" = \"i8\" (of width 2) or \"i8h\" (of width 6) "
                                       "or \"i4\" (of width 12)")));
}

}  // namespace dinghy::converter
