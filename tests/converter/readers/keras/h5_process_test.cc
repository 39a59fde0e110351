#include "converter/readers/keras/h5_process.h"

#include <sys/resource.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/readers/keras/layer_names.h"
#include "converter/readers/keras/packed_storage.h"
#include "converter/readers/keras/weights.h"
#include "converter/readers/storage.h"
#include "tests/converter/readers/keras/built_program.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

/// What is asked of a shell in the program's place, whose standard input is the socket; it has read the question.
template <class Ask>
std::string ask_shell(const std::string& script, const H5Question& question, Ask ask) {
  const std::size_t size = to_bytes(question).size() + 2 * sizeof(std::uint64_t);
  std::vector<std::string> shell{"/bin/sh", "-c", "head -c " + std::to_string(size) + " >/dev/null; " + script};
  std::swap(keras_program(), shell);
  std::string text;
  try {
    text = ask(std::make_shared<BufferStorage>(std::vector<std::byte>(10)));
  } catch (const Error& error) {
    text = error.what();
  }
  std::swap(keras_program(), shell);
  return text;
}

std::string ask_shell(const std::string& script) {
  const H5Question question{"m.h5", {}, std::nullopt};
  return ask_shell(script, question, [&](const auto& file) { return ask_h5_process(question, *file); });
}

}  // namespace

TEST_CASE("The program that reads Keras' files gives its answer or its error", "[readers]") {
  CHECK(ask_shell("printf '+an answer' >&0") == "an answer");
  CHECK(ask_shell("printf -- '-m.h5: layers: is odd: very' >&0") == "m.h5: layers: is odd: very");
  CHECK(ask_shell("printf + >&0; head -c 3000000 /dev/zero >&0").size() == 3'000'000);
}

TEST_CASE("A program that crashes over a Keras file is an error", "[readers]") {
  for (const char* script : {"kill -SEGV $$", "kill -KILL $$", "printf '+half' >&0; kill -SEGV $$", "exit 0",
                             "printf '+all' >&0; exit 1", "printf 'x' >&0", "printf '?123' >&0"}) {
    CAPTURE(script);
    CHECK(ask_shell(script) == "m.h5: is damaged: libhdf5 broke down over it; copy or save it again");
  }
}

TEST_CASE("The program that reads Keras' files gets bytes of the file alone", "[readers]") {
  // An offset and a size, in eight bytes each.
  CHECK(
      ask_shell(
          "printf '?\\2\\0\\0\\0\\0\\0\\0\\0\\3\\0\\0\\0\\0\\0\\0\\0' >&0; head -c 3 >/dev/null; printf +asked >&0") ==
      "asked");
  for (const char* asked :
       {"\\13\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0", "\\2\\0\\0\\0\\0\\0\\0\\0\\11\\0\\0\\0\\0\\0\\0\\0",
        "\\377\\377\\377\\377\\377\\377\\377\\377\\2\\0\\0\\0\\0\\0\\0\\0"}) {
    CAPTURE(asked);
    CHECK_THAT(ask_shell("printf '?" + std::string(asked) + "+asked' >&0"), ContainsSubstring("broke down"));
  }
}

TEST_CASE("An answer that is none is refused", "[readers]") {
  CHECK(ask_shell("printf '+no CBOR' >&0", {"m.h5", {}, std::nullopt}, [](const auto& file) {
          return read_weights(file, "m.h5", {}).format;
        }) == "m.h5: cannot be described; the file is damaged");
  const H5Dataset dataset{.path = "w", .name = "w", .dtype = DType::f32, .shape = {2}, .offset = std::nullopt};
  CHECK(ask_shell("printf +1234 >&0", {"m.h5", {}, H5Rows{"w", 0, 2}}, [&](const auto& file) {
          std::vector<std::byte> bytes(8);
          packed_storage(file, dataset, "m.h5")->read(0, bytes);
          return std::string("read");
        }) == "m.h5: w: cannot be read; the file is damaged");
}

TEST_CASE("A configuration that is no JSON is refused", "[readers]") {
  CHECK_THROWS_MATCHES(layer_names_of({"model_config", "m.keras: config.json", "{"}), Error,
                       MessageMatches(ContainsSubstring("m.keras: config.json: is no JSON; the file is damaged")));
}

TEST_CASE("The program has two minutes, two gigabytes of memory, no core file", "[readers][limits]") {
  CHECK(ask_shell("printf +%s $(ulimit -t) >&0") == "120");
  CHECK(ask_shell("printf +%s $(ulimit -c) >&0") == "0");
#ifndef __SANITIZE_ADDRESS__  // whose shadow takes terabytes
  constexpr int kKibibytes = 2 << 20;
  CHECK(ask_shell("printf +%s $(ulimit -d) >&0") == std::to_string(kKibibytes));
#endif
  rlimit here{};
  ::getrlimit(RLIMIT_CPU, &here);
  CHECK(here.rlim_cur != 120);
}

TEST_CASE("A program that is not there is an error that says so", "[readers]") {
  std::vector<std::string> nowhere{"/nonexistent/dinghy-read-keras"};
  std::swap(keras_program(), nowhere);
  CHECK_THROWS_AS(ask_h5_process({"m.h5", {}, std::nullopt}, BufferStorage({})), Error);
  std::swap(keras_program(), nowhere);
}

}  // namespace dinghy::converter::test
