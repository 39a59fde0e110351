#include "tests/converter/golden/with_memo.h"

#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <vector>

#include "converter/pairs/catalogue_memo.h"
#include "converter/requests/request_scorer.h"
#include "dinghy/isa.h"

namespace dinghy::converter {
namespace {

using Bits = std::vector<std::uint32_t>;

void add_bits(const std::vector<float>& numbers, Bits& bits) {
  for (const float number : numbers) bits.push_back(std::bit_cast<std::uint32_t>(number));
}

/// Scores and attention weights of all requests.
Bits scored(const Model& model, const std::string& lines, const std::string& isa, std::optional<PairMemo> memo) {
  RequestReader requests(request_shape(model), lines, "golden");
  RequestScorer scorer(model, "golden", {.isa = isa, .memo = std::move(memo)});
  Bits bits;
  Request request;
  while (requests.next(request)) {
    const RequestScores& scores = scorer.score(request, true);
    add_bits(scores.scores, bits);
    for (const std::vector<float>& weights : scores.attention) add_bits(weights, bits);
  }
  return bits;
}

void check_on_isa(const Model& model, const std::string& lines, const PairMemo& memo, const PairMemoOptions& options,
                  const std::string& file) {
  const std::string isa(options.isa);
  INFO(isa);
  const Bits expected = scored(model, lines, isa, {});
  CHECK(scored(model, lines, isa, memo) == expected);
  CHECK(memo.counters().kept > 0);
  const std::uint64_t computed = memo.counters().computed;
  CHECK(scored(model, lines, isa, memo) == expected);
  CHECK(memo.counters().computed == computed);
  write_memo(memo, file);
  const auto mapped = PairMemo::open(model, file.c_str(), options);
  INFO(mapped.status().message());
  REQUIRE(mapped.ok());
  CHECK(scored(model, lines, isa, *mapped) == expected);
  CHECK(mapped->counters().found > 0);
  CHECK(mapped->counters().computed == 0);
}

}  // namespace

std::string check_with_memo(const std::string& path, const std::string& lines) {
  const Result<Model> model = Model::open(path.c_str());
  REQUIRE(model.ok());
  for (const Isa& isa : isas()) {
    if (!isa.available || std::string_view(isa.name) == "reference") continue;  // which ignores a memo
    const PairMemoOptions options{
        .bytes = std::size_t{32} << 20U, .items = 0, .isa = isa.name, .integers = Integers::always};
    const Result<PairMemo> memo = PairMemo::create(*model, options);
    if (!memo.ok()) {
      CHECK(memo.status().code() == Code::unsupported);
      return memo.status().message();
    }
    check_on_isa(*model, lines, *memo, options, path + ".memo");
  }
  return {};
}

}  // namespace dinghy::converter
