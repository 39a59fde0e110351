// Whole modules that PyTorch never wrote: without parameters, with too many, or holding each other over and over.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "converter/readers/torch/zip.h"
#include "tests/converter/readers/odd_files.h"

namespace dinghy::converter::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

/// A module on the stack, with the parameters and children that `fill` writes as keys and values of two dicts.
template <class Parameters, class Children>
void module(PickleAssembler& pickle, Parameters parameters, Children children) {
  pickle.global("model", "Layer").raw(")R}(").text("_parameters").raw("}(");
  parameters();
  pickle.raw("u").text("_modules").raw("}(");
  children();
  pickle.raw("uub");
}

std::string error_of_pickle(const PickleAssembler& pickle) {
  const TemporaryFolder folder;
  return error_of(write_torch_zip(folder, pickle.stop(), {bytes_of<float>({1})}));
}

/// `count` names of one tensor of one number.
void parameters(PickleAssembler& pickle, int count) {
  pickle.text("0").tensor("0", 1, 0, {1}, {1}).raw("r").u32(0);
  for (int i = 1; i < count; ++i) pickle.text(std::to_string(i)).raw("j").u32(0);
}

}  // namespace

TEST_CASE("readers: a module without parameters is refused", "[readers]") {
  PickleAssembler pickle;
  module(pickle, [] {}, [] {});
  CHECK_THAT(error_of_pickle(pickle), ContainsSubstring("holds a module without parameters"));
}

TEST_CASE("readers: modules with a hundred thousand parameters take no more children", "[readers]") {
  PickleAssembler pickle;
  const auto nothing = [] {};
  module(
      pickle, [&] { parameters(pickle, 100'001); },
      [&] {
        pickle.text("child");
        module(pickle, nothing, nothing);
      });
  CHECK_THAT(error_of_pickle(pickle), ContainsSubstring("module \"child.\" is nested too deeply"));
}

TEST_CASE("readers: modules that share children over and over are refused", "[readers]") {
  PickleAssembler pickle;
  const auto nothing = [] {};
  const auto level = [&](auto self, int depth) -> void {
    module(pickle, nothing, [&] {
      if (depth == 0) return;
      const auto number = static_cast<std::uint64_t>(depth);
      pickle.text("a");
      self(self, depth - 1);
      pickle.raw("r").u32(number).text("b").raw("j").u32(number);
    });
  };
  level(level, 17);
  CHECK_THAT(error_of_pickle(pickle), ContainsSubstring("is nested too deeply or holds itself"));
}

TEST_CASE("readers: a file of one tensor that holds none is refused", "[readers]") {
  CHECK_THROWS_MATCHES(read_torch_zip_tensor(Archive::open(fixture("protocol4.pth")), "w"), Error,
                       MessageMatches(ContainsSubstring("is not the tensor \"w\": the file is damaged")));
}

}  // namespace dinghy::converter::test
