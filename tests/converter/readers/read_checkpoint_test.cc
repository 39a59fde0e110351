#include "converter/readers/read_checkpoint.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("the format is found by content, whatever the suffix says", "[readers]") {
  TemporaryFolder folder;
  CHECK(read_checkpoint(folder.write("model.h5", read_file(fixture("protocol4.pth")))).format ==
        "pytorch zip state_dict");
  CHECK(read_checkpoint(folder.write("weights", read_file(fixture("stored.npz")))).format == "npz");
}

TEST_CASE("a file that cannot be read at all says why", "[readers]") {
  TemporaryFolder folder;
  CHECK_THAT(error_of(folder.path("nothing.pth")), ContainsSubstring("nothing.pth: cannot be opened: No such file"));
  CHECK_THAT(error_of(folder.write("empty.pth", "")), ContainsSubstring("is empty"));
  CHECK_THAT(error_of(folder.write("text.pth", "hello world")),
             ContainsSubstring("no known format (it begins with 68 65") && ContainsSubstring("reads PyTorch"));
  CHECK_THAT(error_of(folder.path(".")), ContainsSubstring("no XDL checkpoint"));
}

TEST_CASE("known formats that are not read name the way out", "[readers]") {
  TemporaryFolder folder;
  CHECK_THAT(error_of(folder.write("a", "\x89HDF\r\n\x1a\n")), ContainsSubstring("HDF5"));
  CHECK_THAT(error_of(folder.write("a", std::string(257, '\0') + "ustar")), ContainsSubstring("PyTorch 0.1"));
  CHECK_THAT(error_of(folder.write("a", "\x80\x04N.")), ContainsSubstring("bare pickle"));
  CHECK_THAT(error_of(folder.write("din_dense_5000.model", "\x01\x02\x03\x04")),
             ContainsSubstring("HugeCTR") && ContainsSubstring("generic"));
}

TEST_CASE("Keras weights that are not read say how to save them instead", "[readers]") {
  TemporaryFolder folder;
  for (const char* files : {R"("m_00000.weights.h5")", R"(["m_00000.weights.h5", "m_00001.weights.h5"])"}) {
    const std::string index = R"({"metadata": {"total_size": 8}, "weight_map": {"/layers/dense/vars": )";
    CHECK_THAT(error_of(folder.write("m.weights.json", index + files + "}}")),
               ContainsSubstring("Keras weights in several files") &&
                   ContainsSubstring("model.save_weights(\"model.weights.h5\")"));
  }
  write_zip(folder.path("m.keras"), {{"config.json", "{}"}, {"model.weights.npz", "PK"}});
  CHECK_THAT(error_of(folder.path("m.keras")),
             ContainsSubstring("m.keras: model.weights.npz") && ContainsSubstring("install h5py"));
}

}  // namespace
}  // namespace dinghy::converter::test
