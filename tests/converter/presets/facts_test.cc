#include "converter/presets/facts.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/presets/torch_mlp.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

void is_refused(const Checkpoint& checkpoint, const std::string& path, const std::string& message) {
  CAPTURE(path);
  CHECK_THROWS_MATCHES(find_fact(checkpoint, path), Error, MessageMatches(ContainsSubstring(message)));
}

}  // namespace

TEST_CASE("presets: a fact is absent only where the file has nothing at its path", "[presets]") {
  Checkpoint checkpoint{"m.pth", "", {}, {{"config.width", "8"}, {"names[0]", "item"}, {"names[1].class", "C"}}};
  checkpoint.unread = {{"config.sizes", "is a tensor"}, {"data", "has more than 256 entries"}};
  CHECK(*find_fact(checkpoint, "config.width") == "8");
  for (const char* path :
       {"config.width.of", "config.size", "config.sizes_of", "name", "names[2]", "dat", "database"}) {
    CAPTURE(path);
    CHECK(find_fact(checkpoint, path) == nullptr);
  }
  is_refused(checkpoint, "config",
             "m.pth: config.sizes: is a tensor, which is not read, so whether the file says config");
  is_refused(checkpoint, "config.sizes", "m.pth: config.sizes: is a tensor");
  is_refused(checkpoint, "config.sizes[0]", "m.pth: config.sizes: is a tensor");
  is_refused(checkpoint, "data.size", "m.pth: data: has more than 256 entries");
  is_refused(checkpoint, "names", "m.pth: names: is no plain value, but has names[0]");
  is_refused(checkpoint, "names[1]", "m.pth: names[1]: is no plain value, but has names[1].class");
  checkpoint.unread.emplace_back("", "has more than is read");
  is_refused(checkpoint, "name", "m.pth: name: has more than is read");
}

TEST_CASE("presets: a module that was not read is no layer less", "[presets]") {
  Checkpoint checkpoint{"m.pth", "", {}, {{"dnn.0.class", "torch.nn.modules.activation.ReLU"}}};
  checkpoint.unread = {{"dnn.1", "lies behind more values than are looked at"}, {"dnn.2.class", "is a set"}};
  const std::vector<std::string> modules = sequential_modules(checkpoint, "dnn");
  CHECK(modules == std::vector<std::string>{"dnn.0", "dnn.1", "dnn.2"});
  CHECK_THROWS_MATCHES(torch_layers(checkpoint, {"dnn.1"}), Error,
                       MessageMatches(ContainsSubstring("dnn.1: lies behind more values than are looked at")));
}

}  // namespace dinghy::converter::test
