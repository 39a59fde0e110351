#include "converter/presets/tensor_claims.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "converter/error.h"
#include "tests/converter/memory_tensor.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace dinghy::converter {
namespace {

Checkpoint three_tensors() {
  return memory_checkpoint({memory_tensor("user.weight", {1, 1}, {1}), memory_tensor("item.weight", {1, 1}, {2}),
                            memory_tensor("counter", {}, {3})});
}

}  // namespace

TEST_CASE("Every tensor is taken or ignored, and one left over is an error that names it", "[presets]") {
  const Checkpoint checkpoint = three_tensors();
  TensorClaims claims(checkpoint);
  claims.take("user.weight");
  claims.ignore_suffix("counter", "a counter");
  CHECK_THROWS_MATCHES(claims.require_all_used(), Error,
                       MessageMatches(ContainsSubstring("no use known for item.weight[1, 1];")));
  claims.ignore("item.weight", "not needed");
  CHECK_NOTHROW(claims.require_all_used());
  CHECK(claims.taken() == 1);
  CHECK(claims.ignored().size() == 2);
}

TEST_CASE("A missing tensor is an error that offers the nearest name", "[presets]") {
  const Checkpoint checkpoint = three_tensors();
  TensorClaims claims(checkpoint);
  CHECK_THROWS_MATCHES(claims.take("items.weight"), Error,
                       MessageMatches(ContainsSubstring("lacks the tensor \"items.weight\" (did you mean "
                                                        "\"item.weight\"?)")));
  CHECK_THROWS_AS(claims.ignore("items.weight", "not needed"), Error);
}

TEST_CASE("A tensor cannot be used twice, nor used and ignored", "[presets]") {
  const Checkpoint checkpoint = three_tensors();
  TensorClaims claims(checkpoint);
  claims.take("user.weight");
  CHECK_THROWS_MATCHES(claims.take("user.weight"), Error, MessageMatches(ContainsSubstring("used twice")));
  CHECK_THROWS_MATCHES(claims.ignore("user.weight", "not needed"), Error,
                       MessageMatches(ContainsSubstring("part of the network")));
}

}  // namespace dinghy::converter
