// What lies beside the weights in a pickle: read the same in every protocol, and never taken for absent where it is not
// read.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/presets/facts.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

std::string document(const Checkpoint& checkpoint, const std::string& name) {
  const Document* found = checkpoint.find_document(name);
  return found ? found->text : "(none)";
}

std::string fact_of(const Checkpoint& checkpoint, const std::string& path) {
  const std::string* found = find_fact(checkpoint, path);
  return found ? *found : "(none)";
}

/// A state_dict, and beside it "x" with what `value` puts on the stack.
Checkpoint beside_weights(const PickleAssembler& value) {
  PickleAssembler pickle;
  pickle.raw("}(").text("state_dict").raw("}").text("weight").tensor("0", 1, 0, {1}, {1}).raw("s");
  const TemporaryFolder folder;
  const std::string inner = value.stop();
  pickle.text("x").raw(inner.substr(2, inner.size() - 3)).raw("u");
  return read_checkpoint(write_torch_zip(folder, pickle.stop(), {bytes_of<float>({1})}));
}

void is_unread(const PickleAssembler& value, const std::string& path, const std::string& what) {
  CAPTURE(what);
  const Checkpoint checkpoint = beside_weights(value);
  CHECK(checkpoint.find("weight"));
  CHECK_THROWS_MATCHES(find_fact(checkpoint, path), Error, MessageMatches(ContainsSubstring(": " + what)));
  CHECK_THROWS_MATCHES(checkpoint.find_document(path), Error, MessageMatches(ContainsSubstring(what)));
}

PickleAssembler entries(std::string_view empty, int count, std::string_view end) {
  PickleAssembler pickle;
  pickle.raw(empty).raw("(");
  for (int i = 0; i < count; ++i) {
    if (empty == "}") pickle.text(std::to_string(i));
    pickle.raw("K\x01");
  }
  return pickle.raw(end);
}

}  // namespace

TEST_CASE("readers: a data set in a pickle reads the same in every protocol", "[readers]") {
  for (const char* name : {"data_set2.pth", "data_set3.pth", "data_set4.pth", "data_set5.pth", "data_set_legacy.pth"}) {
    CAPTURE(name);
    const Checkpoint checkpoint = read_checkpoint(fixture(name));
    CHECK(document(checkpoint, "data.tokens.item") == "[\"[PAD]\",\"7\",\"\u00e4\u20ac\"]");
    CHECK(document(checkpoint, "data.tokens.category") == R"(["[PAD]","c1"])");
    CHECK(document(checkpoint, "data.tokens.empty") == "[]");
    CHECK(document(checkpoint, "data.tokens.user") == "(none)");
    CHECK_THROWS_MATCHES(
        checkpoint.find_document("data.tokens.numbers"), Error,
        MessageMatches(ContainsSubstring("data.tokens.numbers: is an array of other values than texts")));
    CHECK(fact_of(checkpoint, "data.sizes.item") == "[3,2]");
    CHECK(fact_of(checkpoint, "data.names[5]") == "\u00e9");
    CHECK(fact_of(checkpoint, "data.names[6]") == "plain");
    CHECK(fact_of(checkpoint, "data.rate") == "0.5");
    CHECK(fact_of(checkpoint, "data.padded") == "true");
    CHECK(fact_of(checkpoint, "data.kinds") == R"(["token"])");
    CHECK(fact_of(checkpoint, "data.settings.length") == "12");
    CHECK(fact_of(checkpoint, "data.settings.width") == "(none)");
    CHECK_THROWS_MATCHES(find_fact(checkpoint, "data.key"), Error,
                         MessageMatches(ContainsSubstring("data.key: is neither")));
  }
}

TEST_CASE("readers: what is not read of a pickle does not pass as absent", "[readers]") {
  is_unread(PickleAssembler().raw("}NK\x01s"), "x.size", "has a key that is neither a whole number nor a text");
  is_unread(entries("]", 300, "e"), "x", "is no plain value, but has x[0]");
  is_unread(entries("]", 600, "e"), "x", "has more than 256 entries");
  is_unread(entries("}", 300, "u"), "x.size", "has more than 256 entries");
  is_unread(PickleAssembler().text(std::string(5000, 'a')), "x", "is a text of more than 4096 bytes");
  is_unread(PickleAssembler().raw("\x8a\x09"
                                  "123456789"),
            "x", "is neither a number nor a text");
  is_unread(PickleAssembler().tensor("0", 1, 0, {1}, {1}), "x", "is made by \"torch._utils._rebuild_tensor_v2\"");
  is_unread(PickleAssembler().raw("N)R"), "x", "is made by no class");
  is_unread(PickleAssembler().raw("}").text("size").raw("}").text("of").raw("K\x01ss"), "x.size",
            "is no plain value, but has x.size.of");
  is_unread(PickleAssembler().global("numpy.core.multiarray", "scalar").raw("NN\x86R"), "x", "is a value of NumPy's");
  is_unread(PickleAssembler().raw(std::string(100, ']') + std::string(99, 'a')), "x",
            "lies behind more values than are looked at");
}

}  // namespace dinghy::converter::test
