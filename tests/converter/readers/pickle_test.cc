#include "converter/readers/pickle/pickle.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "converter/error.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

Pickle parse(const PickleAssembler& assembler) { return Pickle::parse(assembler.bytes(), 0, "data.pkl"); }

const PickleNode& root(const Pickle& pickle) { return pickle[pickle.root()]; }

TEST_CASE("a pickle's numbers come out with their sign and their size", "[readers]") {
  CHECK(root(parse(PickleAssembler().raw("J").u32(0xfffffffe))).integer == -2);
  CHECK(root(parse(PickleAssembler().raw("K\xff"))).integer == 255);
  CHECK(root(parse(PickleAssembler().raw("M\x01\x02"))).integer == 0x201);
  CHECK(root(parse(PickleAssembler().raw(std::string_view("\x8a\x00", 2)))).integer == 0);
  CHECK(root(parse(PickleAssembler().raw("\x8a\x01\xff"))).integer == -1);
  CHECK(root(parse(PickleAssembler().number(INT64_MIN))).integer == INT64_MIN);
  CHECK(root(parse(PickleAssembler().raw(std::string_view("G\x3f\xf8\0\0\0\0\0\0", 9)))).real == 1.5);
  const Pickle wide =
      parse(PickleAssembler().raw("\x8a\x09"
                                  "123456789"));
  CHECK(root(wide).kind == PickleKind::long_integer);
  CHECK(root(wide).text == "123456789");
}

TEST_CASE("a pickle's containers keep their order and share what they share", "[readers]") {
  // d = {}; d["a"] = [1, 2]; d["b"] = the same list
  const Pickle pickle = parse(PickleAssembler()
                                  .raw("}(")
                                  .text("a")
                                  .raw("](K\x01K\x02"
                                       "eq\x05")
                                  .text("b")
                                  .raw("h\x05u"));
  REQUIRE(root(pickle).kind == PickleKind::dict);
  REQUIRE(root(pickle).items.size() == 4);
  CHECK(root(pickle).items[1] == root(pickle).items[3]);
  const PickleNode* list = pickle.find(root(pickle), "b");
  REQUIRE(list);
  REQUIRE(list->items.size() == 2);
  CHECK(pickle[list->items[1]].integer == 2);
  CHECK(pickle.find(root(pickle), "c") == nullptr);
}

TEST_CASE("protocol 4 names its classes through the stack and numbers its values by itself", "[readers]") {
  const Pickle pickle = parse(PickleAssembler(4)
                                  .raw(std::string_view("\x95\x10\0\0\0\0\0\0\0", 9))
                                  .raw("\x8c\x03tor\x94\x8c\x04Size\x94\x93\x94)\x81\x94h\x02\x86"));
  REQUIRE(root(pickle).kind == PickleKind::tuple);
  const PickleNode& object = pickle[root(pickle).items[0]];
  CHECK(object.kind == PickleKind::object);
  CHECK(pickle.name_of(object) == "tor.Size");
  CHECK(pickle[root(pickle).items[1]].kind == PickleKind::global);
}

TEST_CASE("a call in a pickle becomes a description and nothing runs", "[readers]") {
  TemporaryFolder folder;
  const std::string trace = folder.path("was_here");
  const Pickle pickle = parse(PickleAssembler().global("starter", "run").text("touch " + trace).raw("\x85R"));
  CHECK(root(pickle).kind == PickleKind::object);
  CHECK(pickle.name_of(root(pickle)) == "starter.run");
  CHECK_FALSE(std::filesystem::exists(trace));
}

TEST_CASE("a pickle with a starter of programs is refused, whoever parses it", "[readers]") {
  const PickleAssembler starter = PickleAssembler().global("os", "system").text("true").raw("\x85R");
  CHECK_THROWS_MATCHES(parse(starter), Error, MessageMatches(ContainsSubstring("asks to call \"os.system\"")));
  const TemporaryFolder folder;
  const std::string magic = read_file(fixture("legacy.pth")).substr(0, 15);  // of PyTorch up to 1.5
  CHECK_THAT(error_of(folder.write("system.pth", magic + starter.stop() + starter.stop())),
             ContainsSubstring("asks to call \"os.system\""));
}

TEST_CASE("an object keeps its state and what is set in it apart", "[readers]") {
  const Pickle pickle = parse(PickleAssembler()
                                  .global("collections", "defaultdict")
                                  .global("m", "C")
                                  .raw("\x85R")
                                  .text("key")
                                  .raw("K\x07s")
                                  .raw("}")
                                  .text("attribute")
                                  .raw("K\x08s"
                                       "b"));
  const PickleNode& object = root(pickle);
  REQUIRE(object.contents != PickleNode::kAbsent);
  CHECK(pickle.find(pickle[object.contents], "key")->integer == 7);
  REQUIRE(object.state != PickleNode::kAbsent);
  CHECK(pickle.find(pickle[object.state], "attribute")->integer == 8);
}

TEST_CASE("an OrderedDict is a dict, its metadata no part of it", "[readers]") {
  const Pickle pickle = parse(PickleAssembler()
                                  .global("collections", "OrderedDict")
                                  .raw(")R")
                                  .text("k")
                                  .raw("K\x01s")
                                  .raw("}")
                                  .text("_metadata")
                                  .raw("Nsb"));
  CHECK(root(pickle).kind == PickleKind::dict);
  CHECK(root(pickle).items.size() == 2);
}

TEST_CASE("readers: a value that older protocols call its class for is that value", "[readers]") {
  const auto of = [](const std::string& module, const std::string& name, std::string_view arguments) {
    return parse(PickleAssembler().global(module, name).raw(arguments).raw("R"));
  };
  const Pickle set = of("__builtin__", "set",
                        "](K\x01K\x02"
                        "e\x85");
  CHECK(root(set).kind == PickleKind::set);
  CHECK(root(set).items.size() == 2);
  CHECK(root(of("builtins", "frozenset", ")")).kind == PickleKind::set);
  const Pickle pairs = of("collections", "OrderedDict",
                          "]]"
                          "(U\x01kK\x07"
                          "ea\x85");  // Python 2
  REQUIRE(root(pairs).kind == PickleKind::dict);
  CHECK(pairs.find(root(pairs), "k")->integer == 7);
  CHECK(root(of("collections", "OrderedDict",
                "]K\x01"
                "a\x85"))
            .kind == PickleKind::object);
  CHECK(root(of("builtins", "bytes", ")")).kind == PickleKind::bytes);
  CHECK(root(of("builtins", "bytearray", "C\x01\xff\x85")).text == "\xff");
  for (const auto& [module, name] : {std::pair{"_codecs", "encode"}, std::pair{"builtins", "bytearray"}}) {
    const Pickle encoded = of(module, name, std::string_view("X\x05\0\0\0\xc3\xbf\0\xc2\x80X\6\0\0\0latin1\x86", 22));
    CHECK(root(encoded).kind == PickleKind::bytes);
    CHECK(root(encoded).text == std::string_view("\xff\0\x80", 3));
  }
  CHECK(root(of("_codecs", "encode", std::string_view("X\1\0\0\0aX\5\0\0\0utf-8\x86", 17))).kind == PickleKind::object);
  CHECK_THROWS_MATCHES(of("_codecs", "encode", std::string_view("X\3\0\0\0\xe2\x82\xacX\6\0\0\0latin1\x86", 20)), Error,
                       MessageMatches(ContainsSubstring("has a character that is none")));
}

TEST_CASE("readers: a pickle that copies one value over and over costs no more than its bytes", "[readers]") {
  PickleAssembler lists;
  lists.raw("]q").byte(0).raw("(");
  for (int i = 0; i < 1000; ++i) lists.raw("N");
  lists.raw("e0")
      .global("builtins", "set")
      .raw(
          "q\x01"
          "0");
  for (int i = 0; i < 1000; ++i) lists.raw(std::string_view("h\1h\0\x85R0", 7));
  CHECK_THROWS_MATCHES(parse(lists.raw("N")), Error,
                       MessageMatches(ContainsSubstring("copies its lists over and over")));
  PickleAssembler texts;
  texts.raw("]")
      .text(std::string(1'000'000, 'a'))
      .raw("q")
      .byte(0)
      .raw("0")
      .text("latin1")
      .raw(
          "q\x01"
          "0");
  texts.global("_codecs", "encode")
      .raw(
          "q\x02"
          "0(");
  for (int i = 0; i < 100'000; ++i) texts.raw(std::string_view("h\2h\0h\1\x86R", 8));  // 100 GB, each on its own
  const Pickle pickle = parse(texts.raw("e"));
  CHECK(root(pickle).items.size() == 100'000);
  CHECK(root(pickle).items.front() == root(pickle).items.back());
}

TEST_CASE("lists nested a hundred thousand deep are read and freed", "[readers]") {
  std::string deep(100'000, ']');
  deep += std::string(99'999, 'a');
  const Pickle pickle = parse(PickleAssembler().raw(deep));
  CHECK(root(pickle).items.size() == 1);
}

TEST_CASE("a dict that many objects share is looked through a bounded number of times", "[readers]") {
  PickleAssembler assembler;
  assembler.raw("}(");
  for (int i = 0; i < 10'000; ++i) assembler.text(std::to_string(i)).raw("N");
  const Pickle pickle = parse(assembler.raw("u"));
  const auto look = [&](int times) {
    for (int i = 0; i < times; ++i) pickle.find(root(pickle), "no such key");
  };
  look(1'000);
  CHECK_THROWS_MATCHES(look(1'001), Error, MessageMatches(ContainsSubstring("data.pkl: has dicts that take minutes")));
}

TEST_CASE("a list that holds itself is read and freed", "[readers]") {
  const Pickle pickle = parse(PickleAssembler().raw(std::string_view("]q\0h\0a", 6)));
  CHECK(root(pickle).items[0] == pickle.root());
}

TEST_CASE("a pickle cut at any length is an error that names the place", "[readers][repeats]") {
  const std::string whole =
      PickleAssembler().raw("}(").text("weight").tensor("0", 4, 0, {2, 2}, {2, 1}).raw("u").stop();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto* begin = reinterpret_cast<const std::byte*>(whole.data());
    const auto bytes = std::make_shared<const std::vector<std::byte>>(begin, begin + length);
    CHECK_THROWS_MATCHES(Pickle::parse(bytes, 0, "data.pkl"), Error,
                         MessageMatches(ContainsSubstring("data.pkl, byte ")));
  }
}

TEST_CASE("a pickle with any byte changed is read or refused, never more", "[readers]") {
  const std::string whole =
      PickleAssembler().raw("}(").text("weight").tensor("0", 4, 0, {2, 2}, {2, 1}).raw("u").stop();
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = whole;
      changed[at] = static_cast<char>(value);
      const auto* begin = reinterpret_cast<const std::byte*>(changed.data());
      try {
        Pickle::parse(std::make_shared<const std::vector<std::byte>>(begin, begin + changed.size()), 0, "data.pkl");
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("what no checkpoint needs in a pickle is refused by name", "[readers]") {
  const auto refused = [](const PickleAssembler& assembler, const char* reason) {
    CHECK_THROWS_MATCHES(parse(assembler), Error, MessageMatches(ContainsSubstring(reason)));
  };
  refused(PickleAssembler(1).raw("N"), "pickle protocol 1");
  refused(PickleAssembler(6).raw("N"), "pickle protocol 6");
  refused(PickleAssembler().raw("(ios\nsystem\n"), "instruction 0x69");   // INST
  refused(PickleAssembler().raw("(cos\nsystem\no"), "instruction 0x6f");  // OBJ
  refused(PickleAssembler().raw("\x82\x01"), "instruction 0x82");         // EXT1
  refused(PickleAssembler().raw("I1\n"), "instruction 0x49");             // INT as text
  refused(PickleAssembler(5).raw("\x97"), "instruction 0x97");            // NEXT_BUFFER
  refused(PickleAssembler().raw("R"), "not there");
  refused(PickleAssembler().raw("Nu"), "never opened");
  refused(PickleAssembler().raw("(N"), "left over");
  refused(PickleAssembler().raw("NN"), "left over");
  refused(PickleAssembler().raw("h\x07"), "never numbered");
  refused(PickleAssembler().raw("Nr").u32(0xfffffff0), "out of order");  // a memo of 16 GB
  refused(PickleAssembler().raw("B").u32(0xfffffff0).raw("x"), "ends too early");
  refused(PickleAssembler().raw("]K\x01K\x02s"), "another kind");
  refused(PickleAssembler().raw("}(K\x01u"), "without a value");
  refused(PickleAssembler(4).raw("K\x01K\x02\x93"), "class without a name");
  refused(PickleAssembler().text("\xff\xfe"), "not UTF-8");
}

}  // namespace
}  // namespace dinghy::converter::test
