// Ids beside the rows of their table, of which the last ends where readable memory ends.
#include <catch2/catch_test_macros.hpp>
#include <limits>

#include "dinghy/isa.h"
#include "tests/engine/guarded_bytes.h"
#include "tests/engine/random_network.h"
#include "tests/engine/request.h"

namespace dinghy::tests {
namespace {

constexpr std::int64_t kRows = 64;  // so that the file ends at a multiple of 64, as its memory has to

/// A model whose last table is that of a bag in the candidate, and its policy for ids without a row.
converter::Network network_of_bags(format::MissingId missing) {
  converter::Network network = random_network({});
  network.tables.push_back(network.tables[0]);
  converter::Table& last = network.tables.back();
  last.name = "tags";
  last.source = random_tensor("tags", kRows, 3);
  last.missing = missing;
  converter::Feature bag;
  bag.name = "tags";
  bag.kind = format::FeatureKind::bag;
  bag.width = 3;
  bag.table = static_cast<int>(network.tables.size() - 1);
  converter::Feature single = bag;
  single.name = "tag";
  single.kind = format::FeatureKind::id;
  network.features.push_back(bag);
  network.features.push_back(single);
  return network;
}

/// The status of scoring two candidates with this id, alone or in a bag of two.
Status score_with(const Model& model, const char* isa, std::int64_t id, bool in_bag) {
  auto user = UserState::create(model, {.isa = isa});
  auto scorer = Scorer::create(model, {.isa = isa});
  Request request = random_request(model, 2, 3, 1);
  request.candidates.ids["tag"] = {0, in_bag ? 1 : id};
  request.candidates.ids["tags"] = {0, kRows - 1, in_bag ? id : 1};
  request.candidates.offsets["tags"] = {0, 1, 3};
  std::vector<float> scores(2);
  if (Status status = user->set(request.user.columns(model), request.history.columns(model)); !status) return status;
  return scorer->score(*user, request.candidates.columns(model), scores);
}

}  // namespace

TEST_CASE("hostile: an id beside its table gets no memory beside it, alone and in a bag alike, whatever the policy",
          "[hostile]") {
  using format::MissingId;
  using Limits = std::numeric_limits<std::int64_t>;
  for (const MissingId missing : {MissingId::fail, MissingId::zero, MissingId::clamp}) {
    const GuardedBytes file(ModelFile(network_of_bags(missing)).bytes());
    const auto model = Model::from_memory(file.span());
    INFO(model.status().message());
    REQUIRE(model.ok());
    for (const Isa& isa : isas()) {
      for (const std::int64_t id : {std::int64_t{-1}, kRows, kRows + 1, 2 * kRows, std::int64_t{1} << 31,
                                    std::int64_t{1} << 32, std::int64_t{1} << 62, Limits::max(), Limits::min()}) {
        const Code expected = missing == MissingId::fail ? Code::missing_id : Code::ok;
        CAPTURE(isa.name, id);
        if (isa.available) CHECK(score_with(*model, isa.name, id, false).code() == expected);
        if (isa.available) CHECK(score_with(*model, isa.name, id, true).code() == expected);
      }
      if (isa.available) CHECK(score_with(*model, isa.name, kRows - 1, false).ok());
      if (isa.available) CHECK(score_with(*model, isa.name, kRows - 1, true).ok());
    }
  }
}

}  // namespace dinghy::tests
