// What a model says of itself. Its texts are a file's, so anything may stand in them.
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/json.h"
#include "schema/hash.h"
#include "tests/engine/c_handles.h"
#include "tests/engine/changed_model.h"
#include "tests/engine/golden_rows.h"
#include "tests/engine/random_network.h"
#include "tests/engine/random_numbers.h"
#include "tests/engine/vocabulary_network.h"
#include "tests/fuzz/drawn_shape.h"

namespace dinghy::tests {
namespace {

using nlohmann::json;

std::string text_of(const Model& model) {
  std::string text(model.describe({}), 'x');
  REQUIRE(model.describe(text) == text.size());
  REQUIRE(text.back() == '\0');
  text.pop_back();
  return text;
}
json describe(const Model& model) { return json::parse(text_of(model)); }

/// What the JSON says of features and interests is what the accessors say.
void check_agrees(const Model& model) {
  const json said = describe(model);
  REQUIRE(said.at("features").size() == model.features().size());
  for (std::size_t f = 0; f < model.features().size(); ++f) {
    const Feature& feature = model.features()[f];
    const json& from = said.at("features")[f];
    const char* const roles[] = {"user", "context", "candidate", "history"};
    const char* const kinds[] = {"id", "bag", "dense"};
    CHECK(from.at("name") == std::string(feature.name));
    CHECK(from.at("role") == roles[static_cast<int>(feature.role)]);
    CHECK(from.at("kind") == kinds[static_cast<int>(feature.kind)]);
    CHECK(from.contains("history") == feature.in_history);
    CHECK(from.value("numbers", 0u) == feature.dense_width);
    const char* const table = from.contains("table") ? "table" : "history_table";
    if (!from.contains(table)) continue;
    CHECK((said.at("tables").at(from.at(table).get<std::size_t>()).at("ids") == "string") == feature.string_ids);
  }
  CHECK(said.at("interests").size() == model.interests());
  CHECK(said.at("limits").at("trained_history") == model.trained_history());
  CHECK(said.at("tables").size() == model.internal().tables.size());
}

std::string parsed(std::string_view text) {
  std::string room(64 + 6 * text.size(), '\0');
  JsonWriter writer(room);
  writer.text(text);
  room.resize(writer.size());
  return json::parse(room).get<std::string>();
}

}  // namespace

TEST_CASE("describe: features, tables, policies and limits are those of the model", "[scoring]") {
  const ModelFile file(Shape{.keep = format::Keep::first, .max_length = 30});
  const Model model = file.open();
  const json said = describe(model);
  CHECK(said.at("name") == std::string(model.name()));
  CHECK(said.at("version") == "");
  CHECK(said.at("format_version") == 1);
  CHECK(said.at("compute") == "f32");
  const json& item = said.at("features").at(*model.feature("item"));
  CHECK(item.at("width") == 8);
  CHECK(item.at("history") == 0);
  const json& table = said.at("tables").at(item.at("table").get<std::size_t>());
  CHECK(table.at("rows") == kItems);
  CHECK(table.at("width") == 8);
  CHECK(table.at("encoding") == "f32");
  CHECK(table.at("first_id") == 0);
  CHECK(said.at("histories").at(0).at("max_length") == 30);
  CHECK(said.at("histories").at(0).at("keep") == "first");
  CHECK(said.at("interests").at(0).at("normalizer") == "softmax");
  CHECK(said.at("interests").at(0).at("empty") == "zero");
  CHECK(said.at("interests").at(0).at("fields").size() == 2);
  CHECK(said.at("limits").at("candidates") == 1 << 24);
  CHECK(said.at("golden_rows") == 0);
  const ModelFile checked(random_network(Shape{}), golden_rows(model));
  const Model with_rows = checked.open();
  CHECK(describe(with_rows).at("golden_rows") == with_rows.internal().file.model().golden()->rows());
  CHECK(describe(with_rows).at("golden_rows") >= 1);
}

TEST_CASE("describe: vocabularies and hashes are told", "[scoring]") {
  const ModelFile strings(network_with(numbered(item_keys())));
  const json vocabulary = describe(strings.open());
  std::size_t with_strings = 0;
  for (const json& table : vocabulary.at("tables")) {
    if (table.at("ids") != "string") continue;
    ++with_strings;
    CHECK(table.at("vocabulary") == item_keys().size());
  }
  CHECK(with_strings >= 1);
  converter::Network network = random_network(Shape{});
  item_table(network).hash = format::IdHash::farmhash64_decimal;
  item_table(network).hash_buckets = kItems;
  const ModelFile hashed(network);
  CHECK(text_of(hashed.open()).find(R"("hash":"farmhash64_decimal","hash_buckets":50)") != std::string::npos);
}

TEST_CASE("describe: drawn networks say what the accessors say", "[scoring]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const ModelFile file(
        fuzz::draw_shape([&](std::uint32_t bound) { return static_cast<std::uint32_t>(random.below(bound)); }));
    check_agrees(file.open());
  }
}

TEST_CASE("describe: whatever a text of the file holds, the JSON is valid", "[hostile]") {
  const std::string hostile = std::string("\"],}\\ \n\t\x01\x7f\xff\xc0\x80\xed\xa0\x80") + '\0' + "\xf0\x9f\x9a\xa3 ü";
  const std::string mended = "\"],}\\ \n\t\x01\x7f" + std::string("\xef\xbf\xbd") + "\xef\xbf\xbd\xef\xbf\xbd" +
                             "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" + '\0' + "\xf0\x9f\x9a\xa3 ü";
  ChangedModel changed(Shape{});
  changed.metadata.name = hostile;
  changed.metadata.version = hostile;
  for (auto& feature : changed.metadata.features) feature->name += hostile;
  for (auto& table : changed.metadata.tables) table->name = hostile;
  for (auto& interest : changed.metadata.interests) interest->name = hostile;
  for (auto& sequence : changed.metadata.sequences) sequence->name = hostile;
  changed.metadata.provenance = std::make_unique<changeable::ProvenanceT>();
  changed.metadata.provenance->package = hostile;
  changed.metadata.provenance->notes = {hostile, ""};
  const auto model = changed.open();
  REQUIRE(model.ok());
  const json said = describe(*model);
  CHECK(said.at("name") == mended);
  CHECK(said.at("version") == mended);
  CHECK(said.at("tables").at(0).at("name") == mended);
  CHECK(said.at("provenance").at("notes") == json{mended, ""});
  CHECK(said.at("features").at(0).at("name") == "user" + mended);
}

TEST_CASE("describe: one long text in thousands of places makes no endless JSON", "[hostile]") {
  ChangedModel changed(Shape{});
  changed.metadata.provenance = std::make_unique<changeable::ProvenanceT>();
  changed.metadata.provenance->notes = {std::string(1 << 20, '\x02'), std::string(1024, 'a'), std::string(1025, 'b')};
  const auto model = changed.open();
  REQUIRE(model.ok());
  const json notes = describe(*model).at("provenance").at("notes");
  CHECK(notes.at(0) == std::string(1024, '\x02') + "\xe2\x80\xa6");
  CHECK(notes.at(1) == std::string(1024, 'a'));
  CHECK(notes.at(2) == std::string(1024, 'b') + "\xe2\x80\xa6");
}

TEST_CASE("describe: every sequence of bytes is mended to UTF-8 as JSON parsers want it", "[hostile]") {
  Random random(7);
  for (int lead = 0; lead < 256; ++lead) {
    for (int next = 0; next < 256; ++next) {
      const char bytes[] = {static_cast<char>(lead), static_cast<char>(next),
                            static_cast<char>(0x80 + random.below(64)), static_cast<char>(random.below(256))};
      const std::string text(bytes, 2 + random.below(3));
      json valid = text;  // replaced by the library's own rules, which may count otherwise; sound texts must agree
      std::string dumped;
      try {
        dumped = valid.dump();
      } catch (const json::exception&) {
        CHECK(parsed(text).find("\xef\xbf\xbd") != std::string::npos);
        continue;
      }
      REQUIRE(parsed(text) == text);
    }
  }
}

TEST_CASE("describe: too little room gives the size and an empty text", "[scoring]") {
  const ModelFile file(Shape{});
  const Model model = file.open();
  const std::size_t size = model.describe({});
  for (const std::size_t room : {std::size_t{1}, size / 2, size - 1}) {
    std::string text(room + 1, 'x');
    CHECK(model.describe(std::span(text).first(room)) == size);
    CHECK(text[0] == '\0');
    CHECK(text[room] == 'x');
  }
}

TEST_CASE("describe: C has the same text and the same id", "[c_api]") {
  const ModelFile file(Shape{}), other(Shape{.seed = 2});
  const Model model = file.open();
  const Handles handles(file);
  const std::size_t size = dinghy_model_describe(handles.model, nullptr, 77);
  std::string text(size, 'x');
  CHECK(dinghy_model_describe(handles.model, text.data(), text.size()) == size);
  CHECK(text.c_str() == text_of(model));
  CHECK(dinghy_model_id(handles.model) == model.id());
}

TEST_CASE("model id: it is the metadata's hash, and tells weights apart", "[format]") {
  const ModelFile file(Shape{}), same(Shape{}), other(Shape{.seed = 2});
  const Model model = file.open();
  const auto metadata = model.metadata();
  CHECK(model.id() == format::fnv1a64(reinterpret_cast<const unsigned char*>(metadata.data()), metadata.size()));
  CHECK(same.open().id() == model.id());
  CHECK(other.open().id() != model.id());
}

}  // namespace dinghy::tests
